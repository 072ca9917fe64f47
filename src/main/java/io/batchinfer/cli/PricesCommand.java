package io.batchinfer.cli;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.estimate.PublicPriceList;
import io.batchinfer.estimate.PublicPriceList.Converted;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** {@code prices}: makes a price list of a public one. */
final class PricesCommand extends OptionCommand {
  private static final List<Option<?>> OPTIONS =
      List.of(
          SavingOptions.FROM,
          EndpointOptions.PROVIDER,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  PricesCommand() {
    super("prices", "Turns a public list of prices into lines of conf/prices.conf.", OPTIONS);
  }

  @Override
  String details() {
    return "Reads the JSON of pydantic/genai-prices (prices/data.json) or of LiteLLM (model_prices_and_context_window.json), which you download, and prints the lines; the day of each is that on which the file was last changed. Of prices that depend on the length of the prompt, that of short ones is taken. --provider leaves out all others. Sends nothing.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer prices --from data.json --provider openai",
        "batchinfer prices --from data.json");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    Path file = Path.of(options.require(SavingOptions.FROM));
    Converted converted;
    try {
      LocalDate day =
          LocalDate.ofInstant(Files.getLastModifiedTime(file).toInstant(), ZoneOffset.UTC);
      converted = PublicPriceList.convert(Files.readAllBytes(file), day);
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "Cannot make a price list of \"%s\": %s. Give the JSON of genai-prices or of LiteLLM."
              .formatted(file, words(e)),
          e);
    }
    List<String> lines =
        options
            .find(EndpointOptions.PROVIDER)
            .map(
                provider ->
                    converted.lines().stream()
                        .filter(line -> line.startsWith(provider + ":"))
                        .toList())
            .orElse(converted.lines());
    if (lines.isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "\"%s\" has no price of --provider \"%s\"; leave it out to see all."
              .formatted(file, options.require(EndpointOptions.PROVIDER)));
    }
    if (options.find(EndpointOptions.PROVIDER).isEmpty()) {
      converted.hosts().ifPresent(terminal.out()::println);
    }
    lines.forEach(terminal.out()::println);
    terminal.out().flush();
    terminal
        .err()
        .println(
            "%s; %s left out: no price for text, pages or sounds, or a rule for names that a line cannot hold."
                .formatted(
                    Amount.of(lines.size(), "line"), Amount.of(converted.leftOut(), "model")));
    terminal.err().flush();
    return 0;
  }

  private static String words(IOException e) {
    return e instanceof NoSuchFileException
        ? "there is no such file"
        : String.valueOf(e.getMessage());
  }
}
