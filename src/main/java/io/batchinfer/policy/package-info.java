/**
 * Decisions as pure functions of state, event and now: what a status means, when to try again, how
 * much to have under way, and whether a loss is a row's fault or an outage.
 */
@NullMarked
package io.batchinfer.policy;

import org.jspecify.annotations.NullMarked;
