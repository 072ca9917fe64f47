package io.batchinfer.cli;

import io.batchinfer.model.ErrorCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jobs}: the service's files and jobs, without its HTTP API. */
@Command(
    name = "jobs",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Works on the files and jobs in the store of \"batchinfer serve\", with a service that runs or"
          + " without one.",
      "A running service carries changes out and answers within seconds. Without one, they are"
          + " carried out at once, and jobs wait for the next service."
    },
    footerHeading = "%nExample%n",
    footer = {
      "  batchinfer jobs create --store data --workspace acme --endpoint /v1/chat/completions \\",
      "    --model mistral-small --input requests.jsonl",
      "  batchinfer jobs list --store data"
    },
    subcommands = {
      JobsUploadCommand.class,
      JobsCreateCommand.class,
      JobsGetCommand.class,
      JobsListCommand.class,
      JobsCancelCommand.class,
      JobsDeleteCommand.class,
      JobsDownloadCommand.class,
      JobsReportCommand.class,
      JobsPruneCommand.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class JobsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ErrorCode.USAGE.exitCode();
  }
}
