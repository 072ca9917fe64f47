package io.batchinfer.client.http;

/** Which HTTP versions a transport speaks. */
public enum HttpVersions {
  /** HTTP/1.1 alone. */
  HTTP_1_1,
  /** Over TLS what the server prefers of HTTP/2 and HTTP/1.1 (ALPN), otherwise HTTP/1.1. */
  AUTO,
  /** HTTP/2 alone, without asking: {@code h2} over TLS, {@code h2c} otherwise. */
  HTTP_2_PRIOR_KNOWLEDGE
}
