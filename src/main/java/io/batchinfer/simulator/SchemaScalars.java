package io.batchinfer.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Numbers and texts that fit a JSON Schema. */
final class SchemaScalars {
  private static final BigInteger USUAL_SPAN = BigInteger.valueOf(1_000);
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final BigDecimal TWO = BigDecimal.valueOf(2);
  private static final int LONGEST_TEXT = 10_000;
  private static final int USUAL_WORDS = 3;

  private SchemaScalars() {}

  static JsonNode number(JsonNode schema, long bits, boolean whole) {
    BigDecimal step = step(schema, whole);
    Optional<BigDecimal> minimum = bound(schema, "minimum", "exclusiveMinimum");
    Optional<BigDecimal> maximum = bound(schema, "maximum", "exclusiveMaximum");
    BigInteger from = null;
    if (minimum.isPresent()) {
      from = minimum.get().divide(step, 0, RoundingMode.CEILING).toBigInteger();
      boolean excluded = isExclusive(schema, "exclusiveMinimum", "minimum");
      from = excluded && isAt(from, step, minimum.get()) ? from.add(BigInteger.ONE) : from;
    }
    BigInteger to = null;
    if (maximum.isPresent()) {
      to = maximum.get().divide(step, 0, RoundingMode.FLOOR).toBigInteger();
      boolean excluded = isExclusive(schema, "exclusiveMaximum", "maximum");
      to = excluded && isAt(to, step, maximum.get()) ? to.subtract(BigInteger.ONE) : to;
    }
    if (from == null) {
      from = to == null ? BigInteger.ZERO : to.subtract(USUAL_SPAN);
    }
    to = to == null ? from.add(USUAL_SPAN) : to;
    if (from.compareTo(to) > 0 && !whole && minimum.isPresent() && maximum.isPresent()) {
      return JsonNodeFactory.instance.numberNode(
          minimum.get().add(maximum.get()).divide(TWO, MathContext.DECIMAL128));
    }
    int span = to.subtract(from).max(BigInteger.ZERO).min(USUAL_SPAN).intValue();
    BigDecimal result =
        new BigDecimal(from.add(BigInteger.valueOf(Mix.below(bits, span + 1)))).multiply(step);
    return result.stripTrailingZeros().scale() > 0
        ? JsonNodeFactory.instance.numberNode(result)
        : JsonNodeFactory.instance.numberNode(result.toBigInteger());
  }

  private static BigDecimal step(JsonNode schema, boolean whole) {
    JsonNode multiple = schema.path("multipleOf");
    if (!isFinite(multiple) || multiple.decimalValue().signum() <= 0) {
      return whole ? BigDecimal.ONE : HALF;
    }
    BigDecimal step = multiple.decimalValue().stripTrailingZeros();
    return whole && step.scale() > 0 ? new BigDecimal(step.unscaledValue()) : step;
  }

  private static boolean isFinite(JsonNode number) {
    return number.isNumber() && Double.isFinite(number.doubleValue());
  }

  /** The inclusive bound or the exclusive one, which in older drafts is a boolean beside it. */
  private static Optional<BigDecimal> bound(JsonNode schema, String inclusive, String exclusive) {
    JsonNode bound =
        isFinite(schema.path(exclusive)) ? schema.get(exclusive) : schema.path(inclusive);
    return isFinite(bound) ? Optional.of(bound.decimalValue()) : Optional.empty();
  }

  private static boolean isExclusive(JsonNode schema, String exclusive, String inclusive) {
    JsonNode value = schema.path(exclusive);
    return value.isNumber() || (value.asBoolean() && schema.has(inclusive));
  }

  private static boolean isAt(BigInteger multiple, BigDecimal step, BigDecimal bound) {
    return new BigDecimal(multiple).multiply(step).compareTo(bound) == 0;
  }

  static String text(JsonNode schema, long bits) {
    if (schema.path("pattern").isTextual()) {
      Optional<String> fitting = PatternText.of(schema.get("pattern").asText(), bits);
      if (fitting.isPresent()) {
        return fitting.get();
      }
    }
    Optional<String> formatted = formatted(schema.path("format").asText(), bits);
    if (formatted.isPresent()) {
      return formatted.get();
    }
    int least = Math.min(schema.path("minLength").asInt(), LONGEST_TEXT);
    int most = schema.has("maxLength") ? schema.get("maxLength").asInt() : LONGEST_TEXT;
    StringBuilder text = new StringBuilder(SimulatedText.of(bits, USUAL_WORDS));
    while (text.length() < least) {
      text.append(' ').append(SimulatedText.of(Mix.mix(bits, text.length()), USUAL_WORDS));
    }
    return text.substring(0, Math.max(least, Math.min(Math.max(most, 0), text.length())));
  }

  private static Optional<String> formatted(String format, long bits) {
    int first = Mix.below(bits, 28) + 1;
    int second = Mix.below(Mix.mix(bits, 1), 24);
    String date = "20%02d-%02d-%02d".formatted(second, second % 12 + 1, first);
    String time = "%02d:%02d:%02d".formatted(second, first, second);
    return Optional.ofNullable(
        switch (format) {
          case "date" -> date;
          case "time" -> time + "Z";
          case "date-time" -> date + "T" + time + "Z";
          case "duration" -> "P%dDT%dH".formatted(first, second);
          case "email", "idn-email" -> "row%d@example.com".formatted(first);
          case "hostname", "idn-hostname" -> "host%d.example.com".formatted(first);
          case "uri", "uri-reference", "iri", "url" -> "https://example.com/" + first;
          case "uuid" ->
              new UUID(Mix.mix(bits, 2), Mix.mix(bits, 3)).toString().toLowerCase(Locale.ROOT);
          case "ipv4" -> "192.0.2." + first;
          case "ipv6" -> "2001:db8::" + first;
          case "json-pointer" -> "/simulated/" + first;
          case "regex" -> "^simulated$";
          default -> null;
        });
  }
}
