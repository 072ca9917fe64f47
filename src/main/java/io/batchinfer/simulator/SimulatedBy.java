package io.batchinfer.simulator;

/** How every answer says that no model has written it. */
final class SimulatedBy {
  static final String HEADER = "x-simulated-by";
  static final String HEADER_VALUE = "batchinfer simulate";
  static final String FIELD = "simulated_by";
  static final String FINGERPRINT = "batchinfer-simulator";

  private SimulatedBy() {}
}
