/**
 * Rows of a table become request lines: which columns a job needs, what stands for each value, and
 * the text that names a row. It knows Spark's public API and no run.
 */
@NullMarked
package io.batchinfer.table.render;

import org.jspecify.annotations.NullMarked;
