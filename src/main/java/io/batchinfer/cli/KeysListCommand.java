package io.batchinfer.cli;

import io.batchinfer.service.keys.KeysJson;
import io.batchinfer.service.keys.StoredKey;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lists the keys by their ids, the eight digits after \"bi_\".",
    footerHeading = "%nExample%n",
    footer = "  batchinfer keys list --keys-file keys.json")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class KeysListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private KeysFlags flags;

  @Option(names = "--json", description = "Prints one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    List<StoredKey> keys = flags.file().keys();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(KeysJson.listing(keys));
    } else {
      print(keys, out);
    }
    out.flush();
    return 0;
  }

  private static void print(List<StoredKey> keys, PrintWriter out) {
    int width =
        keys.stream()
            .mapToInt(key -> key.workspace().length())
            .reduce("workspace".length(), Math::max);
    String row = "%-8s  %-" + width + "s  %-20s  %s%n";
    out.printf(row, "id", "workspace", "created", "revoked");
    for (StoredKey key : keys) {
      out.printf(row, key.id(), key.workspace(), key.createdAt(), key.revokedAt().orElse("-"));
    }
  }
}
