/**
 * Results of sweeps: many multipliers on one network, on the whole of it or on one layer at a time.
 *
 * <p>A {@link io.axnn.tools.sweep.SweepRow} is one measurement. {@link
 * io.axnn.tools.sweep.ResultFiles} writes rows as they arrive and continues an interrupted sweep,
 * {@link io.axnn.tools.sweep.SweepReport} makes one page of them.
 */
package io.axnn.tools.sweep;
