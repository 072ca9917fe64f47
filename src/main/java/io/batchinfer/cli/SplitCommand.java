package io.batchinfer.cli;

import io.batchinfer.config.ByteSizes;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.plan.BatchFileCutter;
import io.batchinfer.engine.plan.BatchFileCutter.Cut;
import io.batchinfer.engine.plan.InputFiles;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code split}: cuts a set of requests into files that a provider's batch service takes. */
final class SplitCommand extends OptionCommand {
  private static final long USUAL_LINES = 50_000;
  private static final long USUAL_BYTES = 100_000_000;
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.INPUT,
          InputOutputOptions.RECURSIVE,
          InputOutputOptions.OUTPUT,
          EndpointOptions.PROVIDER,
          ReadingOptions.MAX_FILE_LINES,
          ReadingOptions.MAX_FILE_BYTES,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  SplitCommand() {
    super(
        "split",
        "Cuts a set of requests into files that a provider's batch service takes.",
        OPTIONS);
  }

  @Override
  String details() {
    return "Writes batch-00000.jsonl, batch-00001.jsonl and so on into the folder that --output names, which must be new or empty. Lines stay byte for byte as they are; blank lines are dropped.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer split -i requests.jsonl -o batches --provider openai",
        "batchinfer split -i requests/ -o batches --max-file-bytes 50MB");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    List<String> inputs = options.require(InputOutputOptions.INPUT);
    FileStores stores = HadoopFiles.stores();
    String output = stores.qualify(options.require(InputOutputOptions.OUTPUT));
    boolean isFile = stores.find(output).stream().anyMatch(entry -> !entry.folder());
    if (isFile || !stores.list(output).isEmpty()) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The output \"%s\" is not an empty folder. Nothing in it was touched; name a new or empty one."
              .formatted(output));
    }
    Optional<ProviderProfile> profile = options.profile();
    long lines =
        options
            .find(ReadingOptions.MAX_FILE_LINES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchLines))
            .orElse(USUAL_LINES);
    long bytes =
        options
            .find(ReadingOptions.MAX_FILE_BYTES)
            .or(() -> profile.flatMap(ProviderProfile::maxBatchBytes))
            .orElse(USUAL_BYTES);
    InputFiles found = InputFiles.of(stores, inputs, options);
    found.notice().ifPresent(terminal.err()::println);
    List<FileStore.Entry> files = found.files();
    String folder = output.endsWith("/") ? output.substring(0, output.length() - 1) : output;
    Cut cut = new BatchFileCutter(stores, folder, lines, bytes).cut(files);
    terminal
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "%s (%s) in %s of at most %s and %s: %s",
                Amount.of(cut.lines(), "request"),
                Amount.of(cut.bytes(), "byte"),
                Amount.of(cut.files(), "file"),
                Amount.of(lines, "line"),
                ByteSizes.format(bytes),
                folder));
    terminal.out().flush();
    return 0;
  }
}
