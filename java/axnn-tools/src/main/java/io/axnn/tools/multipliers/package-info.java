/** Multipliers as a user names them on a command line, with what is known of their power. */
package io.axnn.tools.multipliers;
