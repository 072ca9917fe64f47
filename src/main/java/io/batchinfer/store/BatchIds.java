package io.batchinfer.store;

import java.util.UUID;
import java.util.regex.Pattern;

/** The forms of the store's ids. A text of such a form is fit for a path as it is. */
public final class BatchIds {
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern OPENAI_FORM = Pattern.compile("batch_[0-9a-f]{32}");

  private BatchIds() {}

  /** Whether a file may have that id. */
  public static boolean isFile(String text) {
    return UUID_FORM.matcher(text).matches();
  }

  /** Whether a job may have that id. */
  public static boolean isJob(String text) {
    return UUID_FORM.matcher(text).matches() || OPENAI_FORM.matcher(text).matches();
  }

  /** A new id of a file, or of a job in Mistral's form. */
  public static String next() {
    return UUID.randomUUID().toString();
  }

  /** A new id of a job in OpenAI's form. */
  public static String nextOpenAi() {
    return "batch_" + next().replace("-", "");
  }
}
