package io.batchinfer.time;

/** All that is needed of time to measure, to wait and to have things done later. */
public interface Time extends Ticker, Scheduler, Pause {}
