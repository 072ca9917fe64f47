/** Life of a batch: states, store, the BatchRunner and FinishListener ports. */
@NullMarked
package io.batchinfer.job;

import org.jspecify.annotations.NullMarked;
