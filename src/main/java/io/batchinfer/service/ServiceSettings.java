package io.batchinfer.service;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the service is reached and what it takes.
 *
 * @param port port to listen on, 0 for any free one
 * @param certificate PEM files of a certificate chain and its private key; plain HTTP without them
 * @param publicUrl address under which clients reach the service, for signed URLs; empty to take
 *     what the client called
 * @param maxPendingRequests most requests of a workspace that may wait for their answer
 * @param maxUploadBytes most bytes of an uploaded file
 * @param maxBodyBytes most bytes of any other request
 * @param maxConnections most connections at a time
 */
public record ServiceSettings(
    String host,
    int port,
    Optional<Certificate> certificate,
    Optional<String> publicUrl,
    long maxPendingRequests,
    long maxUploadBytes,
    int maxBodyBytes,
    int maxConnections) {

  /** PEM files. */
  public record Certificate(Path chain, Path key) {}
}
