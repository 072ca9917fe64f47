/** Batch inference for programs: a table or files in, answers out. */
@NullMarked
package io.batchinfer;

import org.jspecify.annotations.NullMarked;
