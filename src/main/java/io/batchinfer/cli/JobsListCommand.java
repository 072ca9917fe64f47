package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.StoreAccess;
import io.batchinfer.store.Texts;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jobs list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lists the jobs of the workspace, newest first.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs list --store data --status RUNNING --status QUEUED")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description =
          "Only jobs with that status: ${COMPLETION-CANDIDATES}. May be given several times.")
  private List<BatchStatus> statuses = new ArrayList<>();

  @Option(names = "--model", paramLabel = "NAME", description = "Only jobs with that model.")
  private @Nullable String model;

  @Option(
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description = "Only jobs with that pair. May be given several times.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Most jobs to list. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new BatchException(
          ErrorCode.USAGE, "--limit is %d; give a number of 1 or more.".formatted(limit));
    }
    StoreAccess access = flags.open(spec, false);
    List<BatchJob> found =
        access.registry().jobs(access.workspace()).stream().filter(this::accepts).toList();
    List<BatchJob> shown = found.stream().limit(limit).map(access::live).toList();
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.mistral(shown, found.size()));
    } else {
      print(shown, spec.commandLine().getOut());
      if (shown.size() < found.size()) {
        access.tell(
            "Shown are the newest %,d of %,d jobs; --limit shows more."
                .formatted(shown.size(), found.size()));
      }
    }
    return 0;
  }

  private boolean accepts(BatchJob job) {
    return (statuses.isEmpty() || statuses.contains(job.state().status()))
        && (model == null || model.equals(JobSheet.model(job)))
        && job.spec().metadata().entrySet().containsAll(metadata.entrySet());
  }

  private static void print(List<BatchJob> jobs, PrintWriter out) {
    String row = "%-38s  %-22s  %-20s  %10s  %10s  %10s  %s%n";
    out.printf(row, "id", "status", "created", "requests", "succeeded", "failed", "model");
    for (BatchJob job : jobs) {
      @Nullable String of = JobSheet.model(job);
      out.printf(
          row,
          job.id(),
          job.state().status(),
          JobSheet.time(job.spec().createdMillis()),
          job.state().total(),
          job.state().counts().succeeded(),
          job.state().counts().failed(),
          of == null ? "-" : Texts.shown(of));
    }
    out.flush();
  }
}
