/** Two outputs beside each other, row by row, in any size: what differs, and how it is shown. */
@NullMarked
package io.batchinfer.compare;

import org.jspecify.annotations.NullMarked;
