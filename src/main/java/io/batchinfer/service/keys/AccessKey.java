package io.batchinfer.service.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of an access key: {@code bi_}, an id of 8 hexadecimal digits, {@code _}, and 32 random
 * bytes in base64url.
 *
 * <p>Stored is one salted SHA-256. Slow hashes exist for passwords, which people choose from so few
 * that all can be tried; nobody tries 2^256 secrets, however fast the hash, and a slow one would
 * burn its time on every call of the API.
 */
final class AccessKey {
  private static final Pattern FORM = Pattern.compile("bi_([0-9a-f]{8})_[A-Za-z0-9_-]{43}");
  private static final int ID_BYTES = 4;
  private static final int SECRET_BYTES = 32;
  private static final int SALT_BYTES = 16;
  private static final HexFormat HEX = HexFormat.of();

  private AccessKey() {}

  /** A new id. It is short, so whoever issues the key has to see that it is not taken. */
  static String newId(SecureRandom random) {
    return HEX.formatHex(randomBytes(random, ID_BYTES));
  }

  /** A new key with that id. */
  static String newKey(String id, SecureRandom random) {
    byte[] secret = randomBytes(random, SECRET_BYTES);
    return "bi_" + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  /** What is kept of a new key. */
  static StoredKey stored(
      String id, String key, String workspace, Instant createdAt, SecureRandom random) {
    byte[] salt = randomBytes(random, SALT_BYTES);
    return new StoredKey(
        id,
        workspace,
        HEX.formatHex(salt),
        HEX.formatHex(hash(salt, key)),
        createdAt,
        Optional.empty());
  }

  /** The id in a key; empty if the text does not have the form of a key. */
  static Optional<String> idIn(String key) {
    Matcher matcher = FORM.matcher(key);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Whether this is the key that was stored, in a time that does not depend on how wrong it is. */
  static boolean matches(String key, StoredKey stored) {
    byte[] expected = HEX.parseHex(stored.hash());
    return MessageDigest.isEqual(expected, hash(HEX.parseHex(stored.salt()), key));
  }

  private static byte[] hash(byte[] salt, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return digest.digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static byte[] randomBytes(SecureRandom random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
