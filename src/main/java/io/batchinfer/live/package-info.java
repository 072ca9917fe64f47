/** The page of a run while it lasts, for the machine on which its driver is. */
@NullMarked
package io.batchinfer.live;

import org.jspecify.annotations.NullMarked;
