package io.batchinfer.cli;

import io.batchinfer.config.Durations;
import io.batchinfer.simulator.Charge;
import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.PromptCacheKind;
import io.batchinfer.simulator.ProviderStyle;
import io.batchinfer.simulator.RetryAfterForm;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values of {@code simulate} are written on its command line. */
final class SimulateValues {
  private SimulateValues() {}

  /** One {@code --fault}. */
  record FaultRate(Fault fault, double rate) {}

  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        return Durations.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  static final class FaultConverter implements ITypeConverter<FaultRate> {
    @Override
    public FaultRate convert(String text) {
      int equals = text.indexOf('=');
      if (equals < 0) {
        throw new TypeConversionException(
            "\"" + text + "\" has no rate; write for example http_503=0.01");
      }
      String name = text.substring(0, equals);
      Fault fault =
          Fault.ofLabel(name)
              .orElseThrow(
                  () ->
                      new TypeConversionException(
                          "\"" + name + "\" is not a fault; --help lists them"));
      try {
        return new FaultRate(fault, Double.parseDouble(text.substring(equals + 1)));
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "the rate in \"" + text + "\" is not a number; write for example http_503=0.01");
      }
    }
  }

  static final class FaultNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Fault.values()).map(Fault::label).iterator();
    }
  }

  static final class ChargeConverter implements ITypeConverter<Charge> {
    @Override
    public Charge convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "admission" -> Charge.AT_ADMISSION;
        case "completion" -> Charge.AT_COMPLETION;
        default ->
            throw new TypeConversionException(
                "\"" + text + "\" is neither admission nor completion");
      };
    }
  }

  static final class PromptCacheConverter implements ITypeConverter<PromptCacheKind> {
    @Override
    public PromptCacheKind convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "none" -> PromptCacheKind.NONE;
        case "shared" -> PromptCacheKind.SHARED;
        case "slots" -> PromptCacheKind.SLOTS;
        default ->
            throw new TypeConversionException("\"" + text + "\" is not one of none, shared, slots");
      };
    }
  }

  static final class StyleConverter implements ITypeConverter<ProviderStyle> {
    @Override
    public ProviderStyle convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "openai" -> ProviderStyle.OPENAI;
        case "mistral" -> ProviderStyle.MISTRAL;
        default ->
            throw new TypeConversionException("\"" + text + "\" is neither openai nor mistral");
      };
    }
  }

  static final class RetryAfterConverter implements ITypeConverter<RetryAfterForm> {
    @Override
    public RetryAfterForm convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "seconds" -> RetryAfterForm.SECONDS;
        case "http-date" -> RetryAfterForm.HTTP_DATE;
        case "milliseconds" -> RetryAfterForm.MILLISECONDS;
        case "none" -> RetryAfterForm.NONE;
        default ->
            throw new TypeConversionException(
                "\"" + text + "\" is not one of seconds, http-date, milliseconds, none");
      };
    }
  }
}
