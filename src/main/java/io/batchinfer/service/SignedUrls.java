package io.batchinfer.service;

import io.batchinfer.model.BatchFile;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Addresses of files that open without a key for a while. Thread-safe. */
final class SignedUrls {
  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;

  /**
   * @param secret kept by the store, so that addresses outlive a restart
   */
  SignedUrls(byte[] secret) {
    this.secret = secret.clone();
  }

  /** Path and query of a file, valid until that second of UNIX time. */
  String path(BatchFile file, long expires) {
    return "/download/%s/%s?expires=%d&signature=%s"
        .formatted(
            file.workspace(),
            file.id(),
            expires,
            HexFormat.of().formatHex(signature(file.workspace(), file.id(), expires)));
  }

  /** Whether the signature is that of the other values, and their time is not over. */
  boolean isValid(String workspace, String id, long expires, String signature, long nowSeconds) {
    byte[] given;
    try {
      given = HexFormat.of().parseHex(signature);
    } catch (IllegalArgumentException e) {
      return false;
    }
    return MessageDigest.isEqual(given, signature(workspace, id, expires)) && nowSeconds < expires;
  }

  private byte[] signature(String workspace, String id, long expires) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return mac.doFinal((workspace + "\n" + id + "\n" + expires).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
