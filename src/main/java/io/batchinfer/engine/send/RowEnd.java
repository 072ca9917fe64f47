package io.batchinfer.engine.send;

import io.batchinfer.model.RowOutcome;
import io.batchinfer.policy.StatusMeaning.Stop;

/**
 * How a row ended that was sent, by whatever way: what the journal, the parts and the proof need to
 * know of it.
 *
 * @param attempts how often it was sent
 * @param mayHaveRun attempts without an answer that may have been executed
 * @param stop whether its end says that the job cannot go on, which leaves the row open
 */
record RowEnd(RowOutcome outcome, int attempts, int mayHaveRun, Stop stop) {}
