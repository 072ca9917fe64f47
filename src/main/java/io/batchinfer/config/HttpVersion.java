package io.batchinfer.config;

/** Which version of HTTP an endpoint is called with. */
public enum HttpVersion {
  /** HTTP/2 where TLS negotiates it, else HTTP/1.1. */
  AUTO("auto"),
  HTTP_1_1("1.1"),
  /** Also without TLS. */
  HTTP_2("2");

  private final String spelling;

  HttpVersion(String spelling) {
    this.spelling = spelling;
  }

  /** The spelling in options. */
  @Override
  public String toString() {
    return spelling;
  }
}
