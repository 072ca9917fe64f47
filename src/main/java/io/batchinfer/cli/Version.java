package io.batchinfer.cli;

import io.batchinfer.engine.BuildVersion;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote down. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"batchinfer " + BuildVersion.CURRENT};
  }
}
