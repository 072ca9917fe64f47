package io.batchinfer.cli;

import io.batchinfer.config.ByteSizes;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.plan.InputFiles;
import io.batchinfer.engine.plan.RowSample;
import io.batchinfer.engine.plan.RowSample.Drawn;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import io.batchinfer.storage.TemporaryName;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code sample}: some rows of a set of requests, chosen at random. */
final class SampleCommand extends OptionCommand {
  private static final int BUFFER = 1 << 16;
  private static final int USUAL_ROWS = 20;
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.INPUT,
          InputOutputOptions.RECURSIVE,
          InputOutputOptions.MAX_LINE_BYTES,
          ReadingOptions.COUNT,
          ReadingOptions.SEED,
          ReadingOptions.TO,
          ReadingOptions.OVERWRITE,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  private final Supplier<OutputStream> standardOutput;

  SampleCommand() {
    this(StandardOutput::open);
  }

  SampleCommand(Supplier<OutputStream> standardOutput) {
    super("sample", "Writes some rows of a set of requests, chosen at random.", OPTIONS);
    this.standardOutput = standardOutput;
  }

  @Override
  List<Argument> arguments() {
    return List.of(
        new Argument(
            InputOutputOptions.INPUT,
            "input",
            "Files, folders or globs; the same as " + InputOutputOptions.INPUT.flag() + "."));
  }

  @Override
  String details() {
    return "Reads the input once. Rows stay byte for byte and in the order of the input; blank lines are no rows. The same seed chooses the same rows, and a larger sample holds the smaller one: with \"run --reuse\" only the rows that came to it are paid for.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer sample requests.jsonl",
        "batchinfer sample requests/ -n 100 --to hundred.jsonl");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) throws IOException {
    List<String> inputs = options.require(InputOutputOptions.INPUT);
    FileStores stores = HadoopFiles.stores();
    InputFiles found = InputFiles.of(stores, inputs, options);
    found.notice().ifPresent(terminal.err()::println);
    Optional<String> to = options.find(ReadingOptions.TO).map(stores::qualify);
    if (to.isPresent()) {
      refuseToReplace(stores, to.get(), options.get(ReadingOptions.OVERWRITE), found.files());
    } else if (options.get(ReadingOptions.OVERWRITE)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--overwrite says nothing of where the rows go. Give --to FILE with it, or leave it out.");
    }
    int longest =
        (int)
            Math.min(
                Integer.MAX_VALUE - 64L,
                options.get(InputOutputOptions.MAX_LINE_BYTES).longValue());
    try (ScratchFolder scratch = ScratchFolder.make(stores)) {
      RowSample sample =
          new RowSample(
              stores,
              scratch.path() + "/candidates.jsonl",
              options.find(ReadingOptions.COUNT).orElse(USUAL_ROWS),
              options.get(ReadingOptions.SEED),
              longest);
      Drawn drawn =
          to.isPresent()
              ? drawTo(stores, to.get(), sample, found.files())
              : sampleToStandardOutput(sample, found.files());
      tell(drawn, options, to, terminal);
    } catch (StandardOutput.ReaderGone e) {
      return 0;
    }
    return 0;
  }

  private Drawn sampleToStandardOutput(RowSample sample, List<FileStore.Entry> files)
      throws IOException {
    try (OutputStream out = new BufferedOutputStream(standardOutput.get(), BUFFER)) {
      Drawn drawn = sample.draw(files, out);
      out.flush();
      return drawn;
    }
  }

  /** The file is there as a whole or not at all. */
  private static Drawn drawTo(
      FileStores stores, String to, RowSample sample, List<FileStore.Entry> files) {
    String temporary = TemporaryName.of(to);
    boolean done = false;
    try {
      Drawn drawn;
      try (OutputStream out = new BufferedOutputStream(stores.create(temporary), BUFFER)) {
        drawn = sample.draw(files, out);
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + to + "\"", e);
      }
      stores.publish(temporary, to);
      done = true;
      return drawn;
    } finally {
      if (!done) {
        stores.delete(temporary);
      }
    }
  }

  private static void refuseToReplace(
      FileStores stores, String to, boolean overwrite, List<FileStore.Entry> files) {
    Optional<FileStore.Entry> there = stores.find(to);
    if (there.isEmpty()) {
      return;
    }
    if (there.get().folder()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--to \"%s\" is a folder, but the rows go to one file. Name a file, such as \"%s/sample.jsonl\"."
              .formatted(to, to));
    }
    if (files.stream().anyMatch(file -> file.path().equals(there.get().path()))) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--to \"%s\" is a file of the input, which would be lost. Name another file."
              .formatted(to));
    }
    if (!overwrite) {
      throw new BatchException(
          ErrorCode.USAGE,
          "There is a file \"%s\" already. Name another one with --to, or give --overwrite to replace it."
              .formatted(to));
    }
  }

  private static void tell(
      Drawn drawn, ResolvedOptions options, Optional<String> to, Terminal terminal) {
    terminal
        .err()
        .println(
            "%s of %s%s.%s"
                .formatted(
                    Amount.of(drawn.drawn(), "row"),
                    Amount.of(drawn.rows(), "row"),
                    to.map(file -> ", in " + file).orElse(""),
                    drawn.tooLong() == 0
                        ? ""
                        : " %s than --max-line-bytes %s and cannot be drawn."
                            .formatted(
                                Amount.of(drawn.tooLong(), "row is longer", "rows are longer"),
                                ByteSizes.format(options.get(InputOutputOptions.MAX_LINE_BYTES)))));
    terminal.err().flush();
  }
}
