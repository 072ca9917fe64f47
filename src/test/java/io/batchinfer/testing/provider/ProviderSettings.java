package io.batchinfer.testing.provider;

import java.time.Duration;

/**
 * What a provider allows and how fast it is.
 *
 * @param dialect whose routes and objects
 * @param limits what it refuses
 * @param pace how long things take
 * @param apiKey the bearer token that every request must have; empty for none
 */
public record ProviderSettings(ProviderDialect dialect, Limits limits, Pace pace, String apiKey) {

  /**
   * What a provider refuses.
   *
   * @param lines of one input file
   * @param bytes of one input file
   * @param embeddingInputs of one batch
   * @param pendingTokens estimated prompt tokens of all batches that have not ended; a batch that
   *     goes beyond fails as a whole
   * @param pendingRequests of all batches that have not ended; OpenAI's dialect fails the batch,
   *     Mistral's refuses its creation with 429, since no source says what theirs does
   */
  public record Limits(
      int lines, long bytes, long embeddingInputs, long pendingTokens, long pendingRequests) {
    /** Those of OpenAI, without a limit on what is pending. */
    public static final Limits USUAL =
        new Limits(50_000, 200L << 20, 50_000, Long.MAX_VALUE, Long.MAX_VALUE);

    public Limits withLines(int most) {
      return new Limits(most, bytes, embeddingInputs, pendingTokens, pendingRequests);
    }

    public Limits withBytes(long most) {
      return new Limits(lines, most, embeddingInputs, pendingTokens, pendingRequests);
    }

    public Limits withEmbeddingInputs(long most) {
      return new Limits(lines, bytes, most, pendingTokens, pendingRequests);
    }

    public Limits withPendingTokens(long most) {
      return new Limits(lines, bytes, embeddingInputs, most, pendingRequests);
    }

    public Limits withPendingRequests(long most) {
      return new Limits(lines, bytes, embeddingInputs, pendingTokens, most);
    }
  }

  /**
   * How long things take.
   *
   * @param validating before a batch's lines are checked
   * @param rowsPerSecond of each batch
   * @param finalizing from the last row to the end; also from a cancellation to its end
   * @param unready how long results that are late are not there
   * @param listLag how old a batch or file must be to be in a list
   * @param silence how long an answer that never comes keeps its connection
   */
  public record Pace(
      Duration validating,
      int rowsPerSecond,
      Duration finalizing,
      Duration unready,
      Duration listLag,
      Duration silence) {
    /** A batch of 1,000 rows takes 0.4 s. */
    public static final Pace SHORT =
        new Pace(
            Duration.ofMillis(100),
            5_000,
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ZERO,
            Duration.ofMillis(200));

    public Pace withRowsPerSecond(int rows) {
      return new Pace(validating, rows, finalizing, unready, listLag, silence);
    }

    public Pace withListLag(Duration lag) {
      return new Pace(validating, rowsPerSecond, finalizing, unready, lag, silence);
    }
  }

  /** The usual limits, in short real time, open to everyone. */
  public static ProviderSettings of(ProviderDialect dialect) {
    return new ProviderSettings(dialect, Limits.USUAL, Pace.SHORT, "");
  }

  public ProviderSettings withLimits(Limits other) {
    return new ProviderSettings(dialect, other, pace, apiKey);
  }

  public ProviderSettings withPace(Pace other) {
    return new ProviderSettings(dialect, limits, other, apiKey);
  }

  public ProviderSettings withApiKey(String key) {
    return new ProviderSettings(dialect, limits, pace, key);
  }
}
