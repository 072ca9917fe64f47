/** Tables in, tables out: what Spark and Java programs see of a job. */
@NullMarked
package io.batchinfer.table;

import org.jspecify.annotations.NullMarked;
