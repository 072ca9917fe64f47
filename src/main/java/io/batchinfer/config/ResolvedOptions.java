package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The value of every option and where it came from. Immutable; {@code toString} shows no values.
 */
public final class ResolvedOptions {
  private static final String MASK = "********";

  private final Map<Option<?>, Value> values;
  private final @Nullable ProviderProfile profile;

  ResolvedOptions(Map<Option<?>, Value> values, @Nullable ProviderProfile profile) {
    this.values = Map.copyOf(values);
    this.profile = profile;
  }

  /** A value with the name of its source. */
  record Value(Object value, String source) {}

  /**
   * Reads what {@link #asStrings} wrote, for processes that only get strings. Masked options stay
   * unset and there is no {@link #profile}.
   */
  public static ResolvedOptions ofStrings(Map<String, String> strings) {
    OptionSources.Builder sources = OptionSources.builder();
    Map<String, List<String>> given = new TreeMap<>();
    strings.forEach(
        (name, joined) -> {
          Optional<Option<?>> option = Options.named(name);
          if (option.filter(Option::isSecret).isEmpty()) {
            boolean one = option.filter(o -> !o.isRepeatable()).isPresent();
            given.put(name, one ? List.of(joined) : List.of(joined.split("\n", -1)));
          }
        });
    return sources.flags(given).withoutProfiles().resolve();
  }

  /**
   * The value of an option that always has one: given, or its default. Lists and maps are empty
   * when not given.
   *
   * @throws IllegalStateException if the option was not given and has no default
   */
  public <T> T get(Option<T> option) {
    return find(option)
        .orElseThrow(() -> new IllegalStateException(option + " has neither value nor default"));
  }

  /** The value given or the default; empty if there is neither. */
  @SuppressWarnings("unchecked")
  public <T> Optional<T> find(Option<T> option) {
    Value value = values.get(option);
    return value == null ? option.defaultValue() : Optional.of((T) value.value());
  }

  /**
   * The value of an option the command cannot do without.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if it was not given
   */
  public <T> T require(Option<T> option) {
    Optional<T> value = find(option);
    if (value.isEmpty() || option.print(value.get()).isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "Option "
              + option.flag()
              + " is missing: "
              + option.doc()
              + " Give "
              + option.flag()
              + " "
              + option.placeholder()
              + ", or set "
              + option.environmentVariable()
              + ".");
    }
    return value.get();
  }

  /** The same options with one more value, such as the address of a simulated endpoint. */
  public <T> ResolvedOptions with(Option<T> option, T value, String source) {
    Map<Option<?>, Value> changed = new HashMap<>(values);
    changed.put(option, new Value(value, source));
    return new ResolvedOptions(changed, profile);
  }

  /** The same options with one of them as if it had not been given. */
  public ResolvedOptions without(Option<?> option) {
    Map<Option<?>, Value> changed = new HashMap<>(values);
    changed.remove(option);
    return new ResolvedOptions(changed, profile);
  }

  /**
   * The same options with what makes a job the one it is as it was before, for one that goes on.
   *
   * @param identity what {@link #identity} once was; other keys do not matter
   */
  public ResolvedOptions withIdentity(Map<String, String> identity) {
    Map<String, String> before = new TreeMap<>(identity);
    before.keySet().removeIf(name -> Options.named(name).filter(Option::isIdentity).isEmpty());
    Map<Option<?>, Value> changed = new HashMap<>(values);
    changed.keySet().removeIf(Option::isIdentity);
    changed.putAll(ofStrings(before).values);
    return new ResolvedOptions(changed, profile);
  }

  /** Whether somebody set the option, rather than its default holding. */
  public boolean isGiven(Option<?> option) {
    return values.containsKey(option);
  }

  /**
   * Where the value came from: the flag, variable, property, or key and line as typed; {@code
   * default}; or {@code not set}.
   */
  public String source(Option<?> option) {
    Value value = values.get(option);
    if (value != null) {
      return value.source();
    }
    return option.defaultWords().isPresent() ? "default" : "not set";
  }

  /** The profile of {@code --provider}; empty if none was named. */
  public Optional<ProviderProfile> profile() {
    return Optional.ofNullable(profile);
  }

  /**
   * Every option that has a value, by name; several values are separated by line feeds. Safe to
   * store and show: values of secret options are masked.
   */
  public SortedMap<String, String> asStrings() {
    SortedMap<String, String> strings = new TreeMap<>();
    for (Option<?> option : Options.all()) {
      printed(option).ifPresent(text -> strings.put(option.name(), text));
    }
    return strings;
  }

  /** The options that make two jobs different, by name; only those that have a value. */
  public SortedMap<String, String> identity() {
    SortedMap<String, String> strings = new TreeMap<>();
    for (Option<?> option : Options.all()) {
      if (option.isIdentity()) {
        printed(option).ifPresent(text -> strings.put(option.name(), text));
      }
    }
    return strings;
  }

  private <T> Optional<String> printed(Option<T> option) {
    return find(option)
        .map(option::print)
        .filter(texts -> !texts.isEmpty())
        .map(
            texts ->
                option.isSecret()
                    ? texts.stream().map(ResolvedOptions::masked).collect(Collectors.joining("\n"))
                    : String.join("\n", texts));
  }

  private static String masked(String text) {
    int colon = text.indexOf(':');
    return colon < 0 ? MASK : text.substring(0, colon) + ": " + MASK;
  }

  @Override
  public String toString() {
    return "ResolvedOptions" + values.keySet();
  }
}
