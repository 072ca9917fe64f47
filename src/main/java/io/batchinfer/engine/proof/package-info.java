/** Reads results back: the proof of an output, and its lines beside those of the input. */
@NullMarked
package io.batchinfer.engine.proof;

import org.jspecify.annotations.NullMarked;
