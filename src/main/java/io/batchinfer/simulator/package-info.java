/** An OpenAI- and Mistral-shaped endpoint with a latency, limit and fault model. */
@NullMarked
package io.batchinfer.simulator;

import org.jspecify.annotations.NullMarked;
