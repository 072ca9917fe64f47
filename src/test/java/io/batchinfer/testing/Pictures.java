package io.batchinfer.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pictures of a page that the documentation shows. Beside them lies a sum over the sources that
 * they were made of, since pictures themselves differ from one machine's fonts to another's.
 *
 * @param name of the sum's file
 * @param sources files, and folders of files, relative to the top of the source tree
 */
public record Pictures(String name, List<Path> sources) {
  /** The service's page: itself, and what is shown in it. */
  public static final Pictures SERVICE =
      new Pictures(
          "service",
          List.of(
              Path.of("src/main/resources/batchinfer/page"), Path.of("src/test/node/pictures")));

  /** The report: the steps that take it. The page that it is of goes into the sum as well. */
  public static final Pictures REPORT =
      new Pictures("report", List.of(Path.of("src/test/node/report/picture.test.mjs")));

  /** Where all pictures and sums are. */
  public static Path folder() {
    return BuiltProduct.baseDirectory().resolve("src/site/markdown/pictures");
  }

  public Path sumFile() {
    return folder().resolve(name + ".sha256");
  }

  /** The sum over the sources as they are now: names and contents, in hexadecimal. */
  public String sum() {
    return sum("");
  }

  /**
   * The sum over the sources and a made page.
   *
   * @param shown what of the page the pictures show
   */
  public String sum(String shown) {
    MessageDigest digest = sha256();
    digest.update(shown.getBytes(StandardCharsets.UTF_8));
    for (Path source : sources) {
      try (Stream<Path> files = Files.walk(BuiltProduct.baseDirectory().resolve(source))) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          digest.update(String.valueOf(file.getFileName()).getBytes(StandardCharsets.UTF_8));
          digest.update((byte) 0);
          digest.update(Files.readAllBytes(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    }
  }
}
