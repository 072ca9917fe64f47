package io.batchinfer.simulator;

import io.batchinfer.model.Hash128;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What makes two requests the same: path and body. */
final class RequestHash {
  private RequestHash() {}

  static Hash128 of(String path, byte[] body) {
    MessageDigest digest = sha256();
    digest.update(path.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(body));
    return new Hash128(hash.getLong(), hash.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
