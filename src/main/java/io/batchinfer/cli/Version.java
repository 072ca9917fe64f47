package io.batchinfer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote down. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    return new String[] {"batchinfer " + current()};
  }

  static String current() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/batchinfer/build.properties")) {
      if (in == null) {
        throw new IOException("batchinfer/build.properties is missing from the class path");
      }
      build.load(in);
    }
    return build.getProperty("version");
  }
}
