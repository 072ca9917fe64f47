package io.batchinfer.testing.provider;

/** A request that the provider does not do. */
final class ProviderRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String param;

  /**
   * A refusal.
   *
   * @param param what of the request is wrong; empty for all of it
   */
  ProviderRefusal(int status, String code, String param, String message) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String param() {
    return param;
  }
}
