package io.batchinfer.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that the build wrote down. */
public final class BuildVersion {
  private static final String FILE = "/batchinfer/build.properties";

  public static final String CURRENT = read();

  private BuildVersion() {}

  private static String read() {
    Properties build = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IOException(FILE + " is missing from the class path");
      }
      build.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version", "of an unknown version");
  }
}
