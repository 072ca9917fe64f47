/** Durable row outcomes: segments, replay, assembly, proof. */
@NullMarked
package io.batchinfer.journal;

import org.jspecify.annotations.NullMarked;
