package io.batchinfer.cli;

import io.batchinfer.compare.ComparedOutput;
import io.batchinfer.compare.Comparison;
import io.batchinfer.compare.ComparisonJson;
import io.batchinfer.compare.ComparisonPage;
import io.batchinfer.compare.ComparisonText;
import io.batchinfer.compare.OutputComparison;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** {@code diff}: two outputs beside each other, row by row. */
final class DiffCommand extends OptionCommand {
  private static final int DIFFERENT = 1;
  private static final int TROUBLE = 2;
  private static final int USUAL_EXAMPLES = 3;
  private static final int MOST_EXAMPLES = 1_000;
  private static final int MAX_THREADS = 16;
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.OUTPUT,
          ReadingOptions.WITH,
          ReadingOptions.COUNT,
          ReadingOptions.HTML,
          GeneralOptions.CONFIG,
          GeneralOptions.JSON,
          GeneralOptions.SUMMARY_FILE,
          GeneralOptions.VERBOSE);

  DiffCommand() {
    super("diff", "Compares two outputs, row by row, by custom_id.", OPTIONS);
  }

  @Override
  List<Argument> arguments() {
    return List.of(
        new Argument(
            InputOutputOptions.OUTPUT,
            "first output",
            "The first output; the same as " + InputOutputOptions.OUTPUT.flag() + "."),
        new Argument(
            ReadingOptions.WITH,
            "second output",
            "The second output; the same as " + ReadingOptions.WITH.flag() + "."));
  }

  @Override
  String details() {
    return "Says how many rows have the same answer and another one, how many ended otherwise and how many only one output has, with tokens and cost side by side and a few examples (-n). Ends with 0 where the outputs are the same, with 1 where they differ, and with 2 or more where they could not be compared. An output that is not finished is compared as far as it is published.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer diff out-of-may out-of-june",
        "batchinfer diff out-of-may out-of-june -n 20 --html differences.html");
  }

  @Override
  int exitCode(Failure failure) {
    return Math.max(TROUBLE, super.exitCode(failure));
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    String second = options.require(ReadingOptions.WITH);
    int examples = options.find(ReadingOptions.COUNT).orElse(USUAL_EXAMPLES);
    if (examples > MOST_EXAMPLES) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--count %,d asks for more examples than anybody reads; give at most %,d, and compare the results themselves for all."
              .formatted(examples, MOST_EXAMPLES));
    }
    FileStores stores = HadoopFiles.stores();
    Optional<String> page = options.find(ReadingOptions.HTML).map(stores::qualify);
    if (page.flatMap(stores::find).filter(FileStore.Entry::folder).isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--html \"%s\" is a folder, but the page is one file. Name a file, such as \"%s/differences.html\"."
              .formatted(page.get(), page.get()));
    }
    ComparedOutput first = output(JobAt.output(options));
    ComparedOutput other = output(JobAt.at(stores, second));
    int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    Comparison comparison;
    try (ScratchFolder scratch = ScratchFolder.make(stores)) {
      comparison = new OutputComparison(stores, scratch.path(), threads, examples).of(first, other);
    }
    page.ifPresent(
        path ->
            stores.replace(path, ComparisonPage.of(comparison).getBytes(StandardCharsets.UTF_8)));
    int exitCode = comparison.isDifferent() ? DIFFERENT : 0;
    SummaryOutput.of(options)
        .tell(ComparisonJson.of(comparison, exitCode), terminal.out(), terminal.err());
    if (!options.get(GeneralOptions.JSON)) {
      terminal.out().println(ComparisonText.of(comparison));
    }
    terminal.out().flush();
    return exitCode;
  }

  private static ComparedOutput output(JobAt job) {
    return ComparedOutput.of(job.folder(), job.record(), job.plan());
  }
}
