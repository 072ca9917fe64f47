package io.batchinfer.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One setting, declared once: its name, type, default, limits and documentation. Flag, environment
 * variable, Spark property, file key, template and reference page all derive from it. Immutable.
 *
 * @param <T> the type of its value
 */
public final class Option<T> {
  private final OptionBuilder<T> spec;
  private final OptionGroup group;
  private final String doc;

  Option(OptionBuilder<T> spec, OptionGroup group, String doc) {
    this.spec = spec;
    this.group = group;
    this.doc = doc;
  }

  public static OptionBuilder<String> text(String name, String placeholder) {
    return text(name, placeholder, value -> value);
  }

  static OptionBuilder<String> text(String name, String placeholder, Element<String> element) {
    return single(name, placeholder, element, Function.identity(), null);
  }

  /** One text kept as it is: with its line breaks, and with the space around it. */
  static OptionBuilder<String> verbatim(String name, String placeholder) {
    return verbatim(name, placeholder, value -> value);
  }

  static OptionBuilder<String> verbatim(String name, String placeholder, Element<String> element) {
    Values<String> values =
        raw -> {
          PlainValues.nonEmpty(raw.get(0));
          return element.read(raw.get(0));
        };
    OptionBuilder<String> builder = new OptionBuilder<>(name, placeholder, values, List::of, null);
    builder.verbatim = true;
    return builder;
  }

  public static OptionBuilder<Integer> integer(String name) {
    return single(
        name, "N", PlainValues::integer, n -> n.toString(), Comparator.<Integer>naturalOrder());
  }

  public static OptionBuilder<Long> longNumber(String name) {
    return single(
        name, "N", PlainValues::longNumber, n -> n.toString(), Comparator.<Long>naturalOrder());
  }

  public static OptionBuilder<Double> decimal(String name) {
    return single(
        name,
        "NUMBER",
        PlainValues::decimal,
        PlainValues::plain,
        Comparator.<Double>naturalOrder());
  }

  public static OptionBuilder<Duration> duration(String name) {
    return single(
        name, "DURATION", Durations::read, Durations::format, Comparator.<Duration>naturalOrder());
  }

  /** A size in bytes. */
  public static OptionBuilder<Long> bytes(String name) {
    return single(
        name, "SIZE", ByteSizes::read, ByteSizes::format, Comparator.<Long>naturalOrder());
  }

  /** Off unless given. */
  public static OptionBuilder<Boolean> flag(String name) {
    OptionBuilder<Boolean> builder =
        single(name, "true|false", PlainValues::flag, String::valueOf, null);
    builder.flag = true;
    return builder.defaultsTo(false);
  }

  /** One of the constants of an enum, spelled as their {@code toString} says. */
  public static <E extends Enum<E>> OptionBuilder<E> choice(String name, Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    String spellings = constants.stream().map(E::toString).collect(Collectors.joining("|"));
    Element<E> element =
        value -> {
          for (E constant : constants) {
            if (constant.toString().equalsIgnoreCase(value)) {
              return constant;
            }
          }
          throw InvalidValue.of(
              value, "is not one of the choices", "give " + spellings.replace("|", " or "));
        };
    return single(name, spellings, element, E::toString, null);
  }

  /** Any number of texts; none unless given. */
  public static OptionBuilder<List<String>> list(String name, String placeholder) {
    return list(name, placeholder, value -> value);
  }

  static OptionBuilder<List<String>> list(
      String name, String placeholder, Element<String> element) {
    Values<List<String>> values =
        raw -> {
          List<String> read = new ArrayList<>();
          for (String value : raw) {
            String one = element.read(PlainValues.nonBlank(value));
            if (!read.contains(one)) {
              read.add(one);
            }
          }
          return List.copyOf(read);
        };
    OptionBuilder<List<String>> builder =
        new OptionBuilder<>(name, placeholder, values, Function.identity(), null);
    builder.repeatable = true;
    return builder.defaultsTo(List.of());
  }

  /** Any number of {@code key=value} pairs in the order given; none unless given. */
  public static OptionBuilder<Map<String, String>> keyValues(String name) {
    return pairs(name, "KEY=VALUE", "=", PlainValues::pair);
  }

  /** Any number of {@code Name: value} headers in the order given; their values are secret. */
  static OptionBuilder<Map<String, String>> headers(String name) {
    return pairs(name, "NAME:VALUE", ": ", HeaderLines::read).secret();
  }

  private static OptionBuilder<Map<String, String>> pairs(
      String name, String placeholder, String separator, Element<Map.Entry<String, String>> pair) {
    Values<Map<String, String>> values =
        raw -> {
          Map<String, String> read = new LinkedHashMap<>();
          for (String value : raw) {
            Map.Entry<String, String> entry = pair.read(PlainValues.nonBlank(value));
            if (read.putIfAbsent(entry.getKey(), entry.getValue()) != null) {
              throw InvalidValue.of(entry.getKey(), "is given twice", "give it once");
            }
          }
          return Collections.unmodifiableMap(read);
        };
    Function<Map<String, String>, List<String>> printer =
        map -> map.entrySet().stream().map(e -> e.getKey() + separator + e.getValue()).toList();
    OptionBuilder<Map<String, String>> builder =
        new OptionBuilder<>(name, placeholder, values, printer, null);
    builder.repeatable = true;
    return builder.defaultsTo(Map.of());
  }

  private static <T> OptionBuilder<T> single(
      String name,
      String placeholder,
      Element<T> element,
      Function<T, String> printer,
      @Nullable Comparator<T> order) {
    Values<T> values = raw -> element.read(PlainValues.nonBlank(raw.get(0)));
    return new OptionBuilder<>(name, placeholder, values, v -> List.of(printer.apply(v)), order);
  }

  /** The flag without its dashes; also the key in a configuration file. */
  public String name() {
    return spec.name;
  }

  public String flag() {
    return "--" + spec.name;
  }

  /** The one-letter flag without its dash. */
  public Optional<String> shortName() {
    return Optional.ofNullable(spec.shortName);
  }

  public String environmentVariable() {
    return "BATCHINFER_" + spec.name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  public String sparkProperty() {
    return OptionSources.SPARK_PREFIX + spec.name;
  }

  /** What kind of value it takes, for help texts. */
  public String placeholder() {
    return spec.placeholder;
  }

  public OptionGroup group() {
    return group;
  }

  public String doc() {
    return doc;
  }

  public Optional<T> defaultValue() {
    return Optional.ofNullable(spec.defaultValue);
  }

  /** The default in words; empty when there is none. */
  public Optional<String> defaultWords() {
    if (spec.defaultWords != null) {
      return Optional.of(spec.defaultWords);
    }
    return defaultValue().map(this::print).filter(p -> !p.isEmpty()).map(p -> String.join(", ", p));
  }

  /** Limits of the value in words, such as {@code at least 1}; empty when there are none. */
  public List<String> limits() {
    return spec.checks.stream().map(OptionBuilder.Check::words).toList();
  }

  public boolean isRepeatable() {
    return spec.repeatable;
  }

  /** The value where the flag is given without one; empty where it needs one. */
  public Optional<String> bareWords() {
    T bare = spec.bare;
    return bare == null ? Optional.empty() : Optional.of(String.join(",", print(bare)));
  }

  /** Whether the value is a switch that its mere flag turns on. */
  public boolean isFlag() {
    return spec.flag;
  }

  /** Whether a job with another value is another job. */
  public boolean isIdentity() {
    return spec.identity;
  }

  /** Whether the value is never shown, stored or put where others can read it. */
  public boolean isSecret() {
    return spec.secret;
  }

  boolean isCommaSeparated() {
    return spec.commaSeparated;
  }

  /** Whether the value may hold line breaks, and counts with the space around it. */
  boolean isVerbatim() {
    return spec.verbatim;
  }

  T read(List<String> raw) throws InvalidValue {
    T value = spec.values.read(raw);
    for (OptionBuilder.Check<T> check : spec.checks) {
      if (!check.holds().test(value)) {
        String whatToDo = "give a value of " + check.words();
        throw spec.secret
            ? InvalidValue.concealed("is out of range", whatToDo)
            : InvalidValue.of(String.join(", ", raw), "is out of range", whatToDo);
      }
    }
    return value;
  }

  /** The texts that {@link #read} reads as the same value. */
  List<String> print(T value) {
    return spec.printer.apply(value);
  }

  @Override
  public String toString() {
    return flag();
  }

  /** Reads one text. */
  @FunctionalInterface
  interface Element<T> {
    T read(String value) throws InvalidValue;
  }

  /** Reads all texts given for an option; at least one. */
  @FunctionalInterface
  interface Values<T> {
    T read(List<String> raw) throws InvalidValue;
  }
}
