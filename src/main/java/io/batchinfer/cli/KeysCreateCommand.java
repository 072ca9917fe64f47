package io.batchinfer.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys create}: the only moment at which a key can be seen. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes a key and prints it, once: the file keeps only a hash of it.",
      "Makes the file, too, if it is not there."
    },
    footerHeading = "%nExample%n",
    footer = "  batchinfer keys create --keys-file keys.json --workspace acme")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class KeysCreateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private KeysFlags flags;

  @Option(
      names = "--workspace",
      paramLabel = "NAME",
      required = true,
      description = "Whose key it is: 1 to 63 of a-z, 0-9 and -, the first not a hyphen.")
  private String workspace;

  @Override
  public Integer call() {
    String name = KeysFlags.workspaceName(workspace);
    String key = flags.file().create(name);
    spec.commandLine().getOut().println(key);
    spec.commandLine().getOut().flush();
    spec.commandLine()
        .getErr()
        .println("This key of workspace \"%s\" is not shown again; keep it safe.".formatted(name));
    spec.commandLine().getErr().flush();
    return 0;
  }
}
