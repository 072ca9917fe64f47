/** Commands, exit codes, wiring: the only composition root. */
@NullMarked
package io.batchinfer.cli;

import org.jspecify.annotations.NullMarked;
