package io.batchinfer.storage;

import java.util.UUID;
import java.util.regex.Pattern;

/** The names under which files are written before they are put into place. */
public final class TemporaryName {
  private static final Pattern FORM =
      Pattern.compile(".+\\.tmp-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private TemporaryName() {}

  /** One that no other writer of the file has. */
  public static String of(String path) {
    return path + ".tmp-" + UUID.randomUUID();
  }

  /** Whether it is one of those: its file is being written, or its writer died over it. */
  public static boolean isOne(String name) {
    return FORM.matcher(name).matches();
  }
}
