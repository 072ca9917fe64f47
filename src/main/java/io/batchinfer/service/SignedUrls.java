package io.batchinfer.service;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Addresses that open one thing of a workspace without a key for a while. Thread-safe. */
final class SignedUrls {
  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;
  private final String path;
  private final String kind;

  private SignedUrls(byte[] secret, String path, String kind) {
    this.secret = secret.clone();
    this.path = path;
    this.kind = kind;
  }

  /**
   * Addresses of files.
   *
   * @param secret kept by the store, so that addresses outlive a restart
   */
  static SignedUrls ofFiles(byte[] secret) {
    return new SignedUrls(secret, "/download/", "");
  }

  /**
   * Addresses of reports of jobs. What is signed begins with what no name of a workspace holds, so
   * that it is that of no file.
   */
  static SignedUrls ofReports(byte[] secret) {
    return new SignedUrls(secret, "/report/", "report:");
  }

  /** Path and query of what has that id, valid until that second of UNIX time. */
  String path(String workspace, String id, long expires) {
    return "%s%s/%s?expires=%d&signature=%s"
        .formatted(
            path,
            workspace,
            id,
            expires,
            HexFormat.of().formatHex(signature(workspace, id, expires)));
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
      return mac.doFinal(
          (kind + workspace + "\n" + id + "\n" + expires).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
