/**
 * Writes the requests of a table's rows down, once, and tells whether the table would still give
 * them.
 */
@NullMarked
package io.batchinfer.table.stage;

import org.jspecify.annotations.NullMarked;
