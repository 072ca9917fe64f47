package io.batchinfer.architecture.planted.stranger;

/** In a package that the table does not know. */
public final class Stranger {
  private Stranger() {}
}
