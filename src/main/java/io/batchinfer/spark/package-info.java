/**
 * The executors of a Spark application as the place where the parts of a run are done, and the
 * driver's endpoint for their messages.
 */
@NullMarked
package io.batchinfer.spark;

import org.jspecify.annotations.NullMarked;
