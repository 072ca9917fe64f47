package io.batchinfer.service.keys;

import java.time.Instant;
import java.util.Optional;

/**
 * What the keys file keeps of an access key: enough to recognize it, nothing to make it from.
 *
 * @param id 8 hexadecimal digits, part of the key and no secret
 * @param salt hexadecimal
 * @param hash hexadecimal SHA-256 of the bytes of {@code salt} and of the key
 * @param revokedAt when it was revoked, as the file says it; empty if it was not
 */
public record StoredKey(
    String id,
    String workspace,
    String salt,
    String hash,
    Instant createdAt,
    Optional<String> revokedAt) {

  /** Without salt and hash. */
  @Override
  public String toString() {
    return "StoredKey[" + id + ", " + workspace + revokedAt.map(at -> ", revoked").orElse("") + "]";
  }
}
