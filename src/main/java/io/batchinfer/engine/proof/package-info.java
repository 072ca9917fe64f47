/**
 * Reads results back: the proof of an output, its lines beside those of the input, and those of a
 * job that runs.
 */
@NullMarked
package io.batchinfer.engine.proof;

import org.jspecify.annotations.NullMarked;
