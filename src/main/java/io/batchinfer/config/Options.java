package io.batchinfer.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The catalogue: every option there is, each declared once in the class of its heading on the
 * reference page, such as {@link RateOptions}.
 */
public final class Options {
  private static final List<Option<?>> ALL =
      Stream.of(
              InputOutputOptions.all(),
              EndpointOptions.all(),
              EngineOptions.all(),
              KeyOptions.all(),
              ModelOptions.all(),
              TableOptions.all(),
              RateOptions.all(),
              SavingOptions.all(),
              RetryOptions.all(),
              JobLimitOptions.all(),
              RepeatOptions.all(),
              ReadingOptions.all(),
              ServiceOptions.all(),
              WatchingOptions.all(),
              GeneralOptions.all())
          .<Option<?>>flatMap(List::stream)
          .toList();

  private Options() {}

  /** Every option in the order of its group and declaration. */
  public static List<Option<?>> all() {
    return ALL;
  }

  /** The option of that name, such as {@code request-timeout}. */
  public static Optional<Option<?>> named(String name) {
    for (Option<?> option : ALL) {
      if (option.name().equals(name)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }
}
