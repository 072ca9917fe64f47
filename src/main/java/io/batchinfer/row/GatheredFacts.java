package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.BilledUnits;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Saturating;
import io.batchinfer.model.Usage;
import io.batchinfer.model.endpoint.AnswerFields;
import io.batchinfer.model.endpoint.TokenCount;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What an answer has said so far while it is read. Not thread-safe. */
final class GatheredFacts {
  /** More than any endpoint hears or reads for one request; what exceeds it is no such number. */
  private static final long MOST_SECONDS = 1_000_000;

  private static final long MOST_PAGES = 1_000_000;

  final AnswerFields fields;
  boolean error;
  private long prompt;
  private long beside;
  private long completion;
  private long cached;
  private long reasoning;
  private long pages;
  private double audioSeconds;
  private boolean truncated;
  private boolean filtered;
  private @Nullable String ownCode;
  String model = "";
  @Nullable String code;
  @Nullable String type;
  @Nullable String message;

  GatheredFacts(AnswerFields fields) {
    this.fields = fields;
  }

  /** All of it, of an answer that is JSON. */
  ReplyFacts ofJson() {
    return new ReplyFacts(
            true,
            usage(),
            new AnswerMarks(truncated, filtered, false),
            errorCode(),
            message == null ? "" : message,
            error,
            model)
        .with(units());
  }

  private Usage usage() {
    return new Usage(Saturating.sum(prompt, beside), completion, cached, reasoning);
  }

  private BilledUnits units() {
    return pages > 0 || audioSeconds > 0 ? new BilledUnits(pages, audioSeconds) : BilledUnits.NONE;
  }

  void pages(long read) {
    pages = Math.min(read, MOST_PAGES);
  }

  /** Seconds of audio, if the value is a number. */
  void seconds(JsonParser parser) throws IOException {
    if (parser.currentToken().isNumeric()) {
      double stated = parser.getDoubleValue();
      audioSeconds = stated > 0 && stated < MOST_SECONDS ? stated : audioSeconds;
    } else {
      parser.skipChildren();
    }
  }

  void count(String name, long tokens) {
    if (ReplyReader.isSeconds(name)) {
      audioSeconds = Math.min(tokens, MOST_SECONDS);
    }
    TokenCount counted = fields.tokens().get(name);
    if (counted == TokenCount.PROMPT) {
      prompt = tokens;
    } else if (counted == TokenCount.COMPLETION) {
      completion = tokens;
    } else if (counted == TokenCount.BESIDE || counted == TokenCount.CACHED_BESIDE) {
      beside = Saturating.sum(beside, tokens);
      cached = counted == TokenCount.CACHED_BESIDE ? tokens : cached;
    }
  }

  void countDetail(String name, long tokens) {
    TokenCount counted = fields.tokens().get(name);
    if (counted == TokenCount.CACHED) {
      cached = tokens;
    } else if (counted == TokenCount.REASONING) {
      reasoning = tokens;
    }
  }

  void ended(String field, String word) {
    switch (fields.ending(field, word)) {
      case CUT -> truncated = true;
      case FILTERED -> filtered = true;
      case FAILED -> {
        if (field.equals(AnswerFields.FINISH_REASON)) {
          fail("error_in_choice", "A choice of the answer ended with an error.");
        } else {
          fail("answer_" + word, "The answer says that it has " + word + ".");
        }
      }
      case WHOLE -> {}
    }
  }

  /** An error that the endpoint need not have a word of its own for. */
  void fail(String codeOfOurs, String words) {
    error = true;
    ownCode = codeOfOurs;
    if (message == null) {
      message = words;
    }
  }

  /** A word says more than a number, which mostly repeats the status. */
  private String errorCode() {
    if (ownCode != null && (code == null || code.chars().allMatch(Character::isDigit))) {
      return ownCode;
    }
    boolean number = code != null && code.chars().allMatch(Character::isDigit);
    if (code != null && !(number && type != null)) {
      return code;
    }
    return type == null ? "" : type;
  }
}
