/** Sends the rows of a split and publishes its part. Runs on executors. */
@NullMarked
package io.batchinfer.engine.send;

import org.jspecify.annotations.NullMarked;
