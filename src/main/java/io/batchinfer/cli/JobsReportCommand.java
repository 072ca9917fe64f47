package io.batchinfer.cli;

import io.batchinfer.model.BatchJob;
import io.batchinfer.report.ServiceReport;
import io.batchinfer.storage.FileStore;
import io.batchinfer.store.StoreAccess;
import io.batchinfer.store.StoreJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jobs report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes how a job went as a page for the browser, also while it runs."
          + " The page needs no network and holds no prompts, answers or keys."
    },
    footerHeading = "%nExample%n",
    footer =
        "  batchinfer jobs report --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e --to report.html")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsReportCommand extends OneJobCommand {
  @Option(
      names = "--to",
      paramLabel = "PATH",
      required = true,
      description = {
        "The file, or a folder for ID_report.html in it. A report that is there is replaced."
      })
  private String to;

  @Override
  void run(StoreAccess access) {
    BatchJob job = access.job(id());
    byte[] page = ServiceReport.forOperator(access.store().run(job.workspace(), job.id()), job);
    FileStore files = access.store().files();
    String path = JobsFlags.target(files, to, id() + "_report.html");
    files.replace(path, page);
    print(StoreJson.reported(id(), path), "Report: " + path);
  }
}
