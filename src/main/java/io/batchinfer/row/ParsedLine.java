package io.batchinfer.row;

import io.batchinfer.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What a line of the input says. A bad line is a value, not an exception. */
public sealed interface ParsedLine {
  /** The line's {@code custom_id}, or null where it has none that can be read. */
  @Nullable String customId();

  /**
   * A request that can be sent.
   *
   * @param path canonical endpoint path
   * @param body the effective body: the line's bytes with the job's model and encoding filled in
   * @param model the model that the body names, or empty
   * @param answerTokens the line's own limit of tokens for the answer, or -1
   * @param determined whether the answer is a function of the request, so that equal requests may
   *     share one
   * @param prompt where in the body its prompt stands
   */
  record Request(
      @Nullable String customId,
      String path,
      byte[] body,
      String model,
      int answerTokens,
      boolean determined,
      PromptOutline prompt)
      implements ParsedLine {
    @Override
    public String toString() {
      return "Request[path=" + path + ", bytes=" + body.length + "]";
    }
  }

  /**
   * A line that is never sent.
   *
   * @param param the key at fault ({@code body.model}), or null
   */
  record Invalid(@Nullable String customId, ErrorCode code, String message, @Nullable String param)
      implements ParsedLine {}
}
