/**
 * Planning and proof as Spark jobs, workers as tasks, and the driver's endpoint for their messages.
 */
@NullMarked
package io.batchinfer.spark;

import org.jspecify.annotations.NullMarked;
