/** Spark's data source {@code batchinfer}: writing to it is a run, reading it gives the answers. */
@NullMarked
package io.batchinfer.source;

import org.jspecify.annotations.NullMarked;
