package io.batchinfer.simulator;

/** When a request counts against the limits. */
public enum Charge {
  /** On arrival, with the prompt's tokens and the most that the answer may have. */
  AT_ADMISSION,
  /** With its real usage when it is answered; on arrival only earlier answers count. */
  AT_COMPLETION
}
