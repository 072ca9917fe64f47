package io.batchinfer.time;

/** All of time that something needs which measures, waits, and has things done later. */
public interface Time extends Ticker, Scheduler, Pause {}
