package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.Liveness;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.report.ReportFile;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Pause;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code report}: the report of a job as a page, whether it runs, was killed or is over. */
final class ReportCommand extends OptionCommand {
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.OUTPUT,
          ReadingOptions.TO,
          ReadingOptions.OPEN,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:");

  private final Pause pause;
  private final Browser browser;

  ReportCommand() {
    this(new SystemTime("batchinfer-wait"), Browser.ofThisMachine());
  }

  ReportCommand(Pause pause, Browser browser) {
    super("report", "Writes how a job went as a page for the browser.", OPTIONS);
    this.pause = pause;
    this.browser = browser;
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "Every run leaves report.html in its folder when it ends; this writes it again, also while a run is at work and after one was killed. The page needs no network and holds no prompts, answers or keys.";
  }

  @Override
  List<String> examples() {
    return List.of("batchinfer report out --open", "batchinfer report out --to /tmp/report.html");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) throws IOException {
    JobAt job = JobAt.output(options);
    JobRecord record =
        new Liveness(OwnershipTiming.DEFAULT, pause).honest(job.folder(), job.record());
    byte[] page = ReportFile.page(job.folder(), record);
    FileStores stores = HadoopFiles.stores();
    String path =
        options
            .find(ReadingOptions.TO)
            .map(file -> stores.qualify(onThisMachine(file)))
            .orElse(job.folder().report());
    try {
      stores.replace(path, page);
    } catch (StorageException e) {
      BatchException refused =
          new BatchException(
              ErrorCode.STORAGE_FAILED,
              "The report cannot be written to \"%s\": %s. Give %s with a file that may be written."
                  .formatted(path, e.getMessage(), ReadingOptions.TO.flag()));
      refused.initCause(e);
      throw refused;
    }
    terminal.out().println("Report: " + path);
    terminal.out().flush();
    if (options.get(ReadingOptions.OPEN)) {
      Path local = localPath(path, page);
      Optional<String> trouble = browser.open(local);
      if (trouble.isPresent()) {
        terminal
            .err()
            .println(
                "No browser could be started (%s). Open \"%s\".".formatted(trouble.get(), local));
        terminal.err().flush();
      }
    }
    return 0;
  }

  /** Without a scheme it is where the user is, whatever the default filesystem. */
  private static String onThisMachine(String file) {
    return SCHEME.matcher(file).lookingAt() ? file : "file:" + file;
  }

  /** Where this machine has the page; a copy where it was written elsewhere. */
  private static Path localPath(String path, byte[] page) throws IOException {
    if (FileStores.isLocal(path)) {
      return Path.of(path.replaceFirst("^file:(//(?=/))?", ""));
    }
    Path copy = Files.createTempFile("batchinfer-report-", ".html");
    Files.write(copy, page);
    return copy;
  }
}
