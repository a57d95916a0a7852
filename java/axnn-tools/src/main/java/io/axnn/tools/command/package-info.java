/**
 * The command {@code axnn}: options, tables on the terminal and files. What it does is in {@link
 * io.axnn.tools} and the packages beside this one.
 */
package io.axnn.tools.command;
