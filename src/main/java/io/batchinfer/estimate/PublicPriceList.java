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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Turns a public list of prices into lines that {@link PriceTable} reads. Two lists are understood:
 * that of {@code pydantic/genai-prices} (an array of providers) and LiteLLM's map of models. Prices
 * are those of text, in US dollars: what these lists hold. Where a price depends on the length of
 * the prompt, the price of short ones is taken; where it has changed, the one that holds on the
 * day.
 */
public final class PublicPriceList {
  private static final String CURRENCY = "USD";
  private static final String NONE = "-";
  private static final String PAGE = ", %s per page";
  private static final String SECOND = ", %s per second";
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);

  /** An expression that only says what a name must not be, and takes no character of it. */
  private static final Pattern EXCEPTION = Pattern.compile("\\^\\(\\?!.*\\)");

  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** What the lists call providers whose profile has another name here. */
  private static final Map<String, String> PROFILES =
      Map.of(
          "google", "gemini",
          "fireworks_ai", "fireworks",
          "together_ai", "together",
          "vertex_ai", "vertex");

  /** Providers of models of their own. */
  private static final Set<String> MAKERS =
      Set.of(
          "anthropic", "cohere", "gemini", "mistral", "openai", "perplexity", "voyageai", "x-ai");

  private final LocalDate day;
  private final List<String> lines = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private final Set<String> providers = new HashSet<>();
  private int leftOut;

  private PublicPriceList(LocalDate day) {
    this.day = day;
  }

  /**
   * What came of a list.
   *
   * @param lines of {@code prices.conf}, the first that matches holds
   * @param hosts a further line, for the providers whose prices count only where they are named
   * @param leftOut models without a price for text, pages or sounds, or named by rules that a line
   *     cannot express
   */
  public record Converted(List<String> lines, Optional<String> hosts, int leftOut) {
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
      throw new IOException("no model in it has a price for text, pages or sounds");
    }
    return new Converted(converted.lines, converted.hosts(), converted.leftOut);
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
      Optional<String> page =
          ofOne(prices.path("input_document_kpages"), THOUSAND).map(PAGE::formatted);
      Optional<String> second =
          ofOne(prices.path("input_audio_hours"), SECONDS_PER_HOUR).map(SECOND::formatted);
      boolean priced = prices.has("input_mtok") || page.isPresent() || second.isPresent();
      if (patterns.isEmpty() || !priced) {
        leftOut++;
        continue;
      }
      for (String pattern : patterns) {
        add(
            name,
            pattern,
            amount(prices.path("input_mtok")),
            amount(prices.path("output_mtok")),
            prices.has("cache_read_mtok") ? amount(prices.path("cache_read_mtok")) : NONE,
            CURRENCY,
            BatchDiscounts.of(name, pattern).orElse(NONE) + page.orElse("") + second.orElse(""),
            day.toString(),
            "genai-prices");
      }
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

  /** Names, names with stars and regular expressions; none where a rule is more than that. */
  private static List<String> patterns(JsonNode match) {
    List<String> patterns = new ArrayList<>();
    if (match.has("or")) {
      match.path("or").forEach(one -> patterns.addAll(patterns(one)));
    } else if (match.has("and")) {
      exception(match.path("and")).ifPresent(patterns::add);
    } else if (match.has("equals")) {
      patterns.add(match.path("equals").asText());
    } else if (match.has("starts_with")) {
      patterns.add(match.path("starts_with").asText() + "*");
    } else if (match.has("ends_with")) {
      patterns.add("*" + match.path("ends_with").asText());
    } else if (match.has("contains")) {
      patterns.add("*" + match.path("contains").asText() + "*");
    } else if (match.has("regex")) {
      patterns.add("~" + match.path("regex").asText());
    }
    return patterns;
  }

  /** Names that begin in some way, but for those that an expression leaves out. */
  private static Optional<String> exception(JsonNode both) {
    String start = both.path(0).path("starts_with").asText();
    String regex = both.path(1).path("regex").asText();
    return both.size() == 2 && !start.isEmpty() && EXCEPTION.matcher(regex).matches()
        ? Optional.of("~" + regex + Pattern.quote(start))
        : Optional.empty();
  }

  /** A price of many units as that of one. */
  private static Optional<String> ofOne(JsonNode price, BigDecimal units) {
    return price.isNumber()
        ? Optional.of(plain(price.decimalValue().divide(units, MathContext.DECIMAL32)))
        : Optional.empty();
  }

  private static String amount(JsonNode price) {
    JsonNode base = price.isObject() ? price.path("base") : price;
    return base.isMissingNode() ? "0" : plain(base.decimalValue());
  }

  private void addModel(String key, JsonNode model) {
    String provider = model.path("litellm_provider").asText();
    Optional<String> page =
        ofOne(model.path("ocr_cost_per_page"), BigDecimal.ONE).map(PAGE::formatted);
    Optional<String> second =
        ofOne(model.path("input_cost_per_second"), BigDecimal.ONE).map(SECOND::formatted);
    boolean priced =
        model.path("input_cost_per_token").isNumber() || page.isPresent() || second.isPresent();
    if (!priced || provider.isEmpty()) {
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
            : NONE;
    add(
        profile(provider),
        name,
        perMillion(input),
        perMillion(model.path("output_cost_per_token").decimalValue()),
        model.path("cache_read_input_token_cost").isNumber()
            ? perMillion(model.path("cache_read_input_token_cost").decimalValue())
            : NONE,
        CURRENCY,
        discount + page.orElse("") + second.orElse(""),
        day.toString(),
        "LiteLLM");
  }

  private static String perMillion(BigDecimal perToken) {
    return plain(perToken.multiply(MILLION).round(MathContext.DECIMAL32));
  }

  private static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }

  private static String profile(String provider) {
    return PROFILES.getOrDefault(provider, provider);
  }

  /** The first line of a name holds, so later ones of the same name would say nothing. */
  private void add(String provider, String model, String... columns) {
    boolean writable = !model.isBlank() && model.chars().noneMatch(c -> c == '=' || c == '\n');
    if (writable && keys.add(provider + ":" + model)) {
      providers.add(provider);
      lines.add(provider + ":" + model + " = " + String.join(", ", columns));
    }
  }

  /**
   * The line with the providers that serve models of others. A server of one's own that has such a
   * model under the same name must not be taken for one of them.
   */
  private Optional<String> hosts() {
    SortedSet<String> hosts = new TreeSet<>(providers);
    hosts.removeAll(MAKERS);
    return hosts.isEmpty()
        ? Optional.empty()
        : Optional.of(PriceTable.ONLY_WITH_PROVIDER + " = " + String.join(", ", hosts));
  }
}
