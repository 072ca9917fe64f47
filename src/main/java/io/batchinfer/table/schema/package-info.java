/** Answer schemas as Spark has them: types of columns and JSON Schema made of each other. */
@NullMarked
package io.batchinfer.table.schema;

import org.jspecify.annotations.NullMarked;
