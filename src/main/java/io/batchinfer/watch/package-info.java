/** What can be watched of a run while it works, and under which names. */
@NullMarked
package io.batchinfer.watch;

import org.jspecify.annotations.NullMarked;
