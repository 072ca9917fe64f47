/** Reads inputs and cuts them into splits, before the first request. */
@NullMarked
package io.batchinfer.engine.plan;

import org.jspecify.annotations.NullMarked;
