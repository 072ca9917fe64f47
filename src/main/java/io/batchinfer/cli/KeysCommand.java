package io.batchinfer.cli;

import io.batchinfer.model.ErrorCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keys}: looks after the access keys of the service. */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes, lists and revokes the access keys of the service, and sets what holds for a"
          + " workspace.",
      "A workspace is a group that shares files and jobs; it may have several keys. A service that runs"
          + " notices changes of the file by itself."
    },
    footerHeading = "%nExample%n",
    footer = "  batchinfer keys create --keys-file keys.json --workspace acme",
    subcommands = {
      KeysCreateCommand.class,
      KeysListCommand.class,
      KeysRevokeCommand.class,
      KeysWorkspaceCommand.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
final class KeysCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ErrorCode.USAGE.exitCode();
  }
}
