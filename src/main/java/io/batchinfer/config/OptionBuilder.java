package io.batchinfer.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An option being declared; {@link #documented} ends the declaration.
 *
 * @param <T> the type of the value
 */
public final class OptionBuilder<T> {
  /** What a value has to be, and how that is said. */
  record Check<T>(Predicate<T> holds, String words) {}

  final String name;
  final String placeholder;
  final Option.Values<T> values;
  final Function<T, List<String>> printer;
  final @Nullable Comparator<T> order;
  final List<Check<T>> checks = new ArrayList<>();
  @Nullable T defaultValue;
  @Nullable T bare;
  @Nullable String defaultWords;
  @Nullable String shortName;
  boolean repeatable;
  boolean flag;
  boolean identity;
  boolean secret;
  boolean commaSeparated;
  boolean verbatim;

  OptionBuilder(
      String name,
      String placeholder,
      Option.Values<T> values,
      Function<T, List<String>> printer,
      @Nullable Comparator<T> order) {
    this.name = name;
    this.placeholder = placeholder;
    this.values = values;
    this.printer = printer;
    this.order = order;
  }

  public OptionBuilder<T> defaultsTo(T value) {
    defaultValue = value;
    return this;
  }

  /** Words for a default that depends on circumstances; there is no default value then. */
  public OptionBuilder<T> defaultsByCircumstance(String words) {
    defaultWords = words;
    return this;
  }

  /** The value where the flag is given without one. */
  OptionBuilder<T> bare(T value) {
    bare = value;
    return this;
  }

  public OptionBuilder<T> atLeast(T least) {
    Comparator<T> comparator = comparator();
    return check(value -> comparator.compare(value, least) >= 0, "at least " + shown(least));
  }

  public OptionBuilder<T> atMost(T most) {
    Comparator<T> comparator = comparator();
    return check(value -> comparator.compare(value, most) <= 0, "at most " + shown(most));
  }

  public OptionBuilder<T> moreThan(T bound) {
    Comparator<T> comparator = comparator();
    return check(value -> comparator.compare(value, bound) > 0, "more than " + shown(bound));
  }

  private OptionBuilder<T> check(Predicate<T> holds, String words) {
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

  OptionBuilder<T> shortName(String letter) {
    shortName = letter;
    return this;
  }

  /** Another value makes another job. */
  public OptionBuilder<T> identity() {
    identity = true;
    return this;
  }

  OptionBuilder<T> secret() {
    secret = true;
    return this;
  }

  /** One text outside the command line may hold several values, separated by commas. */
  OptionBuilder<T> commaSeparated() {
    commaSeparated = true;
    return this;
  }

  public Option<T> documented(OptionGroup group, String doc) {
    return new Option<>(this, group, doc);
  }
}
