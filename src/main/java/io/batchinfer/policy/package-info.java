/**
 * Decisions as pure functions of state, event and now: retry, limit, breaker, bucket, deficit
 * queue.
 */
@NullMarked
package io.batchinfer.policy;

import org.jspecify.annotations.NullMarked;
