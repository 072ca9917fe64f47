package io.batchinfer.quota;

import java.time.Duration;

/**
 * A replica that is not there.
 *
 * @param replica its name
 * @param all whether no other is there either, so that the run stands still
 * @param lasting how long it has been away
 * @param how what it does, such as "refuses connections"
 * @param answers whether that is an answer
 */
record Absence(String replica, boolean all, Duration lasting, String how, boolean answers) {}
