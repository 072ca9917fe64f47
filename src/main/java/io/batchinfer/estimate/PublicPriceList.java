package io.batchinfer.estimate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a public list of prices into lines that {@link PriceTable} reads. Two lists are understood:
 * that of {@code pydantic/genai-prices} (an array of providers) and LiteLLM's map of models. Prices
 * are those of text, in US dollars: what these lists hold. Where a price depends on the length of
 * the prompt, the price of short ones is taken; where it has changed, the one that holds on the
 * day.
 */
public final class PublicPriceList {
  private static final String CURRENCY = "USD";
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** What the lists call providers whose profile has another name here. */
  private static final Map<String, String> PROFILES =
      Map.of(
          "google", "gemini",
          "fireworks_ai", "fireworks",
          "together_ai", "together",
          "vertex_ai", "vertex");

  private final LocalDate day;
  private final List<String> lines = new ArrayList<>();
  private final Set<String> keys = new LinkedHashSet<>();
  private int leftOut;

  private PublicPriceList(LocalDate day) {
    this.day = day;
  }

  /**
   * What came of a list.
   *
   * @param lines of {@code prices.conf}, the first that matches holds
   * @param leftOut models without a price for text, or named by rules that a line cannot express
   */
  public record Converted(List<String> lines, int leftOut) {
    public Converted {
      lines = List.copyOf(lines);
    }
  }

  /**
   * Converts a list.
   *
   * @param day on which its prices are known to hold
   * @throws IOException if it is no such list
   */
  public static Converted convert(byte[] json, LocalDate day) throws IOException {
    JsonNode list = read(json);
    PublicPriceList converted = new PublicPriceList(day);
    if (list.isArray() && list.path(0).has("models")) {
      list.forEach(converted::addProvider);
    } else if (list.isObject() && list.elements().hasNext()) {
      list.properties().forEach(model -> converted.addModel(model.getKey(), model.getValue()));
    } else {
      throw new IOException(
          "it is neither an array of providers with models, as of genai-prices, nor an object with a model for each key, as of LiteLLM");
    }
    if (converted.lines.isEmpty()) {
      throw new IOException("no model in it has a price for text");
    }
    return new Converted(converted.lines, converted.leftOut);
  }

  private static JsonNode read(byte[] json) throws IOException {
    try {
      return Json.MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private void addProvider(JsonNode provider) {
    String name = profile(provider.path("id").asText());
    for (JsonNode model : provider.path("models")) {
      JsonNode prices = current(model.path("prices"));
      List<String> patterns = patterns(model.path("match"));
      if (patterns.isEmpty() || !prices.has("input_mtok")) {
        leftOut++;
        continue;
      }
      String columns =
          columns(
              amount(prices.path("input_mtok")),
              amount(prices.path("output_mtok")),
              prices.has("cache_read_mtok") ? amount(prices.path("cache_read_mtok")) : "-",
              "-",
              "genai-prices");
      patterns.forEach(pattern -> add(name, pattern, columns));
    }
  }

  /** Of prices that have changed, or depend on the hour, those that hold all day from now on. */
  private JsonNode current(JsonNode prices) {
    if (!prices.isArray()) {
      return prices;
    }
    JsonNode current = prices.path(0).path("prices");
    for (JsonNode one : prices) {
      JsonNode constraint = one.path("constraint");
      boolean begun =
          constraint.has("start_date")
              && !LocalDate.parse(constraint.path("start_date").asText()).isAfter(day);
      if (begun || constraint.isMissingNode()) {
        current = one.path("prices");
      }
    }
    return current;
  }

  /** Names with stars; none where a rule is more than that. */
  private static List<String> patterns(JsonNode match) {
    List<String> patterns = new ArrayList<>();
    if (match.has("or")) {
      match.path("or").forEach(one -> patterns.addAll(patterns(one)));
    } else if (match.has("equals")) {
      patterns.add(match.path("equals").asText());
    } else if (match.has("starts_with")) {
      patterns.add(match.path("starts_with").asText() + "*");
    } else if (match.has("ends_with")) {
      patterns.add("*" + match.path("ends_with").asText());
    } else if (match.has("contains")) {
      patterns.add("*" + match.path("contains").asText() + "*");
    }
    return patterns;
  }

  private static String amount(JsonNode price) {
    JsonNode base = price.isObject() ? price.path("base") : price;
    return base.isMissingNode() ? "0" : plain(base.decimalValue());
  }

  private void addModel(String key, JsonNode model) {
    String provider = model.path("litellm_provider").asText();
    if (!model.path("input_cost_per_token").isNumber() || provider.isEmpty()) {
      leftOut++;
      return;
    }
    String prefix = provider + "/";
    String name = key.startsWith(prefix) ? key.substring(prefix.length()) : key;
    BigDecimal input = model.path("input_cost_per_token").decimalValue();
    BigDecimal batch = model.path("input_cost_per_token_batches").decimalValue();
    String discount =
        batch.signum() > 0 && input.signum() > 0
            ? plain(BigDecimal.ONE.subtract(batch.divide(input, 4, RoundingMode.HALF_UP)))
            : "-";
    add(
        profile(provider),
        name,
        columns(
            perMillion(input),
            perMillion(model.path("output_cost_per_token").decimalValue()),
            model.path("cache_read_input_token_cost").isNumber()
                ? perMillion(model.path("cache_read_input_token_cost").decimalValue())
                : "-",
            discount,
            "LiteLLM"));
  }

  private static String perMillion(BigDecimal perToken) {
    return plain(perToken.multiply(MILLION).round(MathContext.DECIMAL32));
  }

  private static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }

  private String columns(
      String input, String output, String cached, String discount, String source) {
    return String.join(", ", input, output, cached, CURRENCY, discount, day.toString(), source);
  }

  private static String profile(String provider) {
    return PROFILES.getOrDefault(provider, provider);
  }

  /** The first line of a name holds, so later ones of the same name would say nothing. */
  private void add(String provider, String model, String columns) {
    boolean writable = !model.isBlank() && model.chars().noneMatch(c -> c == '=' || c == '\n');
    if (writable && keys.add(provider + ":" + model)) {
      lines.add(provider + ":" + model + " = " + columns);
    }
  }
}
