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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One setting, declared once: its name, type, default, limits and documentation. Flag, environment
 * variable, Spark property, file key, template and reference page all derive from it. Immutable.
 *
 * @param <T> the type of its value
 */
public final class Option<T> {
  private final Builder<T> spec;
  private final OptionGroup group;
  private final String doc;

  private Option(Builder<T> spec, OptionGroup group, String doc) {
    this.spec = spec;
    this.group = group;
    this.doc = doc;
  }

  public static Builder<String> text(String name, String placeholder) {
    return text(name, placeholder, value -> value);
  }

  static Builder<String> text(String name, String placeholder, Element<String> element) {
    return single(name, placeholder, element, Function.identity(), null);
  }

  /** One text kept as it is: with its line breaks, and with the space around it. */
  static Builder<String> verbatim(String name, String placeholder) {
    return verbatim(name, placeholder, value -> value);
  }

  static Builder<String> verbatim(String name, String placeholder, Element<String> element) {
    Values<String> values =
        raw -> {
          PlainValues.nonEmpty(raw.get(0));
          return element.read(raw.get(0));
        };
    Builder<String> builder = new Builder<>(name, placeholder, values, List::of, null);
    builder.verbatim = true;
    return builder;
  }

  public static Builder<Integer> integer(String name) {
    return single(
        name, "N", PlainValues::integer, n -> n.toString(), Comparator.<Integer>naturalOrder());
  }

  public static Builder<Long> longNumber(String name) {
    return single(
        name, "N", PlainValues::longNumber, n -> n.toString(), Comparator.<Long>naturalOrder());
  }

  public static Builder<Double> decimal(String name) {
    return single(
        name,
        "NUMBER",
        PlainValues::decimal,
        PlainValues::plain,
        Comparator.<Double>naturalOrder());
  }

  public static Builder<Duration> duration(String name) {
    return single(
        name, "DURATION", Durations::read, Durations::format, Comparator.<Duration>naturalOrder());
  }

  /** A size in bytes. */
  public static Builder<Long> bytes(String name) {
    return single(
        name, "SIZE", ByteSizes::read, ByteSizes::format, Comparator.<Long>naturalOrder());
  }

  /** Off unless given. */
  public static Builder<Boolean> flag(String name) {
    Builder<Boolean> builder = single(name, "true|false", PlainValues::flag, String::valueOf, null);
    builder.flag = true;
    return builder.defaultsTo(false);
  }

  /** One of the constants of an enum, spelled as their {@code toString} says. */
  public static <E extends Enum<E>> Builder<E> choice(String name, Class<E> type) {
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
  public static Builder<List<String>> list(String name, String placeholder) {
    return list(name, placeholder, value -> value);
  }

  static Builder<List<String>> list(String name, String placeholder, Element<String> element) {
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
    Builder<List<String>> builder =
        new Builder<>(name, placeholder, values, Function.identity(), null);
    builder.repeatable = true;
    return builder.defaultsTo(List.of());
  }

  /** Any number of {@code key=value} pairs in the order given; none unless given. */
  public static Builder<Map<String, String>> keyValues(String name) {
    return pairs(name, "KEY=VALUE", "=", PlainValues::pair);
  }

  /** Any number of {@code Name: value} headers in the order given; their values are secret. */
  static Builder<Map<String, String>> headers(String name) {
    return pairs(name, "NAME:VALUE", ": ", HeaderLines::read).secret();
  }

  private static Builder<Map<String, String>> pairs(
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
    Builder<Map<String, String>> builder = new Builder<>(name, placeholder, values, printer, null);
    builder.repeatable = true;
    return builder.defaultsTo(Map.of());
  }

  private static <T> Builder<T> single(
      String name,
      String placeholder,
      Element<T> element,
      Function<T, String> printer,
      @Nullable Comparator<T> order) {
    Values<T> values = raw -> element.read(PlainValues.nonBlank(raw.get(0)));
    return new Builder<>(name, placeholder, values, v -> List.of(printer.apply(v)), order);
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
    return spec.checks.stream().map(Check::words).toList();
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
    for (Check<T> check : spec.checks) {
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
  private interface Values<T> {
    T read(List<String> raw) throws InvalidValue;
  }

  private record Check<T>(Predicate<T> holds, String words) {}

  /**
   * An option being declared; {@link #documented} ends the declaration.
   *
   * @param <T> the type of the value
   */
  public static final class Builder<T> {
    private final String name;
    private final String placeholder;
    private final Values<T> values;
    private final Function<T, List<String>> printer;
    private final @Nullable Comparator<T> order;
    private final List<Check<T>> checks = new ArrayList<>();
    private @Nullable T defaultValue;
    private @Nullable T bare;
    private @Nullable String defaultWords;
    private @Nullable String shortName;
    private boolean repeatable;
    private boolean flag;
    private boolean identity;
    private boolean secret;
    private boolean commaSeparated;
    private boolean verbatim;

    private Builder(
        String name,
        String placeholder,
        Values<T> values,
        Function<T, List<String>> printer,
        @Nullable Comparator<T> order) {
      this.name = name;
      this.placeholder = placeholder;
      this.values = values;
      this.printer = printer;
      this.order = order;
    }

    public Builder<T> defaultsTo(T value) {
      defaultValue = value;
      return this;
    }

    /** Words for a default that depends on circumstances; there is no default value then. */
    public Builder<T> defaultsByCircumstance(String words) {
      defaultWords = words;
      return this;
    }

    /** The value where the flag is given without one. */
    Builder<T> bare(T value) {
      bare = value;
      return this;
    }

    public Builder<T> atLeast(T least) {
      Comparator<T> comparator = comparator();
      return check(value -> comparator.compare(value, least) >= 0, "at least " + shown(least));
    }

    public Builder<T> atMost(T most) {
      Comparator<T> comparator = comparator();
      return check(value -> comparator.compare(value, most) <= 0, "at most " + shown(most));
    }

    public Builder<T> moreThan(T bound) {
      Comparator<T> comparator = comparator();
      return check(value -> comparator.compare(value, bound) > 0, "more than " + shown(bound));
    }

    private Builder<T> check(Predicate<T> holds, String words) {
      checks.add(new Check<>(holds, words));
      return this;
    }

    private Comparator<T> comparator() {
      if (order == null) {
        throw new IllegalStateException("values of --" + name + " have no order");
      }
      return order;
    }

    private String shown(T value) {
      return String.join(", ", printer.apply(value));
    }

    Builder<T> shortName(String letter) {
      shortName = letter;
      return this;
    }

    /** Another value makes another job. */
    public Builder<T> identity() {
      identity = true;
      return this;
    }

    Builder<T> secret() {
      secret = true;
      return this;
    }

    /** One text outside the command line may hold several values, separated by commas. */
    Builder<T> commaSeparated() {
      commaSeparated = true;
      return this;
    }

    public Option<T> documented(OptionGroup group, String doc) {
      return new Option<>(this, group, doc);
    }
  }
}
