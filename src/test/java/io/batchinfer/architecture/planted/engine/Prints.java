package io.batchinfer.architecture.planted.engine;

/** Talks past the command that a user started. */
public final class Prints {
  private Prints() {}

  /** Prints. */
  public static void print() {
    System.out.println();
  }
}
