/** A job's output folder read as a table, finished or not. */
@NullMarked
package io.batchinfer.table.answers;

import org.jspecify.annotations.NullMarked;
