/** Commands, exit codes and wiring; the only place where all parts meet. */
@NullMarked
package io.batchinfer.cli;

import org.jspecify.annotations.NullMarked;
