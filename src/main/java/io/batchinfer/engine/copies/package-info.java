/** Answers that exist already: found, brought to the rows that they belong to, and read there. */
@NullMarked
package io.batchinfer.engine.copies;

import org.jspecify.annotations.NullMarked;
