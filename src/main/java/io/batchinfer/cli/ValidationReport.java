package io.batchinfer.cli;

import io.batchinfer.cli.CostForecast.ModelCost;
import io.batchinfer.engine.plan.InputValidation;
import io.batchinfer.estimate.CostEstimate;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.TokenEstimate;
import io.batchinfer.estimate.TokenEstimator;
import io.batchinfer.json.JsonLine;
import io.batchinfer.model.Amount;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code validate} found, in words and as JSON.
 *
 * @param recorded whether invalid lines become error rows instead of stopping the run
 * @param store of the output, where one was given
 */
record ValidationReport(
    InputValidation input, CostForecast forecast, boolean recorded, Optional<OutputStore> store) {
  private static final int SHOWN_LINES = 50;
  private static final int SHOWN_MODELS = 20;
  private static final int SHOWN_DIGITS = 4;

  /** Whether a run would begin to send. */
  boolean isValid() {
    return input.invalid() == 0 || (recorded && (input.isSendable() || input.forms().isEmpty()));
  }

  /** Several lines, the last without a line end. */
  String words() {
    StringBuilder text = new StringBuilder();
    add(
        text,
        "%s in %s, %s",
        Amount.of(input.rows(), "request"),
        Amount.of(input.files(), "file"),
        size(input.bytes()));
    input.notices().forEach(notice -> add(text, "%s", notice));
    store.ifPresent(tried -> add(text, "%s", tried.words()));
    addInvalid(text);
    if (!input.isSendable()) {
      add(text, "No line can be sent%s.", isValid() ? "" : "; a run would refuse this input");
      return text.toString();
    }
    if (input.reused() > 0) {
      add(
          text,
          "%s an answer of an earlier output and %s not sent (--reuse)",
          Amount.of(input.reused(), "request gets", "requests get"),
          input.reused() == 1 ? "is" : "are");
    }
    if (input.equal() > 0) {
      add(
          text,
          "%s the answer of an equal row and %s not sent (--dedupe)",
          Amount.of(input.equal(), "request gets", "requests get"),
          input.equal() == 1 ? "is" : "are");
    }
    TokenEstimate tokens = input.total().tokens();
    add(
        text,
        "Prompts: %s, counted with %s",
        Amount.of(tokens.promptTokens(), "token"),
        String.join(", ", tokenizers()));
    add(
        text,
        "Answers: about %s, at most %,d",
        Amount.of(tokens.expectedCompletionTokens(), "token"),
        tokens.maxCompletionTokens());
    if (tokens.expectedCompletionTokens() > 0) {
      add(
          text,
          "  %s",
          input.typicalAnswer().isPresent()
              ? "each as long as those of the earlier outputs on average, %.0f tokens, where the row allows that many"
                  .formatted(input.typicalAnswer().getAsDouble())
              : "each taken to have %d tokens, where the row allows that many; an earlier output or one of a sample (--reuse) tells how many it really has"
                  .formatted(TokenEstimator.EXPECTED_COMPLETION));
    }
    if (tokens.uncertainPromptTokens() > 0) {
      add(
          text,
          "  %s uncertain: another model's tokenizer is used instead, or the size of media is not known",
          Amount.of(tokens.uncertainPromptTokens(), "prompt token is", "prompt tokens are"));
    }
    addCost(text);
    add(text, "Output: about %s", size(input.total().resultBytes()));
    add(text, isValid() ? "Nothing was sent." : "Nothing was sent; a run would refuse this input.");
    return text.toString();
  }

  private void addInvalid(StringBuilder text) {
    if (input.invalid() == 0) {
      add(text, "No invalid lines, no duplicate custom_id");
      return;
    }
    add(
        text,
        "%s%s%s",
        Amount.of(input.invalid(), "invalid line"),
        input.duplicates() == 0
            ? ""
            : ", %,d of them with the custom_id of an earlier one".formatted(input.duplicates()),
        recorded ? "; a run writes them as errors and sends the rest" : "");
    input.shown().stream().limit(SHOWN_LINES).forEach(line -> add(text, "  %s", line));
    long more = input.invalid() - Math.min(SHOWN_LINES, input.shown().size());
    if (more > 0 && !input.shown().isEmpty()) {
      add(text, "  and %,d more", more);
    }
    if (!recorded && !input.shown().isEmpty()) {
      add(
          text,
          "  Mend them, or give --on-invalid record to write them as errors and run the rest.");
    }
  }

  private void addCost(StringBuilder text) {
    Optional<CostEstimate> total = forecast.total();
    add(text, "Cost: %s", total.map(ValidationReport::shown).orElse(unknown()));
    forecast.models().stream().limit(SHOWN_MODELS).forEach(model -> addModel(text, model));
    if (forecast.models().size() > SHOWN_MODELS) {
      add(text, "  and %,d more models", forecast.models().size() - SHOWN_MODELS);
    }
    if (total.isPresent()) {
      addWays(text);
    }
  }

  private void addWays(StringBuilder text) {
    add(text, "Side by side, expected, each with what those above it save:");
    for (CostWay.Sum sum : forecast.ways()) {
      if (sum.way() == CostWay.REUSED && input.reused() == 0) {
        continue;
      }
      String cost =
          sum.cost()
              .map(known -> amount(known.expected()) + " " + known.currency())
              .orElseGet(() -> "unknown; " + sum.unknown().orElse(""));
      add(text, "  %-36s %s%s", sum.way().words(), cost, cacheNote(sum.way()));
    }
    CostAdvice.of(forecast)
        .ifPresent(advice -> add(text, "Recommended: %s; %s.", advice.way().words(), advice.why()));
  }

  private String cacheNote(CostWay way) {
    return switch (way) {
      case ORDERED ->
          ", %,d of %,d prompt tokens from a cache"
              .formatted(forecast.cachedTokens(), forecast.promptTokens());
      case BATCH -> ", instead of the cache";
      default -> "";
    };
  }

  private static String amount(BigDecimal amount) {
    return amount.setScale(SHOWN_DIGITS, RoundingMode.HALF_UP).toPlainString();
  }

  private String unknown() {
    if (forecast.models().isEmpty()) {
      return "nothing to send";
    }
    String unpriced = shown(model -> model.price().isEmpty());
    if (!unpriced.isEmpty()) {
      return "unknown; no price is known for " + unpriced + " (see conf/prices.conf)";
    }
    String counted = shown(model -> !model.isPriced());
    return counted.isEmpty()
        ? "unknown; the prices are in several currencies"
        : "unknown; nothing tells beforehand how many pages or seconds there are for " + counted;
  }

  private String shown(Predicate<ModelCost> which) {
    return forecast.models().stream()
        .filter(which)
        .limit(SHOWN_MODELS)
        .map(ModelCost::shownModel)
        .collect(Collectors.joining(", "));
  }

  private static void addModel(StringBuilder text, ModelCost model) {
    add(
        text,
        "  %s: %s, %s (%s), %s",
        model.shownModel(),
        Amount.of(model.load().requests(), "request"),
        Amount.of(model.load().tokens().promptTokens(), "prompt token"),
        TokenEstimator.vocabulary(model.model()),
        model.price().map(price -> shown(price, model)).orElse("no price known"));
  }

  private static String shown(ModelPrice price, ModelCost model) {
    return "%s; %s in and %s out per million tokens, %s of %s"
        .formatted(
            model.cost().map(ValidationReport::shown).orElse(""),
            price.inputPerMillion().toPlainString(),
            price.outputPerMillion().toPlainString(),
            price.source(),
            price.asOf());
  }

  private static String shown(CostEstimate cost) {
    return "low %s, expected %s, high %s %s"
        .formatted(
            amount(cost.low()), amount(cost.expected()), amount(cost.high()), cost.currency());
  }

  private List<String> tokenizers() {
    return forecast.models().stream()
        .map(model -> TokenEstimator.vocabulary(model.model()))
        .distinct()
        .toList();
  }

  private static String size(long bytes) {
    if (bytes < 1_000_000) {
      return String.format(Locale.ROOT, "%,d bytes", bytes);
    }
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(text.isEmpty() ? "" : "\n").append(String.format(Locale.ROOT, format, values));
  }

  /** One object on one line. */
  String json() {
    TokenEstimate tokens = input.total().tokens();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("valid", isValid());
    object.put("exit_code", isValid() ? 0 : ValidateCommand.INVALID);
    object.put("files", input.files());
    object.put("bytes", input.bytes());
    object.put("total_requests", input.rows());
    object.put("invalid_requests", input.invalid());
    object.put("duplicate_custom_ids", input.duplicates());
    object.put("deduplicated_requests", input.equal());
    object.put("reused_requests", input.reused());
    object.put("invalid_lines", input.shown());
    object.put("notices", input.notices());
    object.put("tokenizers", tokenizers());
    object.put("prompt_tokens", tokens.promptTokens());
    object.put("uncertain_prompt_tokens", tokens.uncertainPromptTokens());
    object.put("expected_completion_tokens", tokens.expectedCompletionTokens());
    object.put(
        "typical_answer_tokens",
        input.typicalAnswer().isPresent() ? input.typicalAnswer().getAsDouble() : null);
    object.put("max_completion_tokens", tokens.maxCompletionTokens());
    object.put("cached_prompt_tokens", forecast.cachedTokens());
    object.put("cost", forecast.total().map(ValidationReport::object).orElse(null));
    object.put("ways", forecast.ways().stream().map(ValidationReport::object).toList());
    object.put("recommended", CostAdvice.of(forecast).map(ValidationReport::object).orElse(null));
    object.put("models", forecast.models().stream().map(ValidationReport::object).toList());
    object.put("estimated_output_bytes", input.total().resultBytes());
    object.put("output_store", store.map(OutputStore::object).orElse(null));
    return JsonLine.of(object);
  }

  private static Map<String, Object> object(CostEstimate cost) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("low", cost.low());
    object.put("expected", cost.expected());
    object.put("high", cost.high());
    object.put("currency", cost.currency());
    return object;
  }

  private static Map<String, @Nullable Object> object(CostWay.Sum sum) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("way", sum.way().key());
    object.put("cost", sum.cost().map(ValidationReport::object).orElse(null));
    object.put("unknown", sum.unknown().orElse(null));
    return object;
  }

  private static Map<String, Object> object(CostAdvice advice) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("way", advice.way().key());
    object.put("why", advice.why());
    return object;
  }

  private static Map<String, @Nullable Object> object(ModelCost model) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("model", model.model());
    object.put("requests", model.load().requests());
    object.put("prompt_tokens", model.load().tokens().promptTokens());
    object.put("tokenizer", TokenEstimator.vocabulary(model.model()));
    object.put("cost", model.cost().map(ValidationReport::object).orElse(null));
    Optional<ModelPrice> price = model.price();
    object.put("input_price_per_million", price.map(ModelPrice::inputPerMillion).orElse(null));
    object.put("output_price_per_million", price.map(ModelPrice::outputPerMillion).orElse(null));
    object.put(
        "cached_input_price_per_million", price.flatMap(ModelPrice::cachedPerMillion).orElse(null));
    object.put("batch_discount", price.flatMap(ModelPrice::batchDiscount).orElse(null));
    object.put("price_date", price.map(known -> known.asOf().toString()).orElse(null));
    object.put("price_source", price.map(ModelPrice::source).orElse(null));
    return object;
  }
}
