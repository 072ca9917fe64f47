package io.batchinfer.cli;

import io.batchinfer.service.keys.StoredKey;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys revoke}. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Revokes a key for good. A running service refuses it within 10 seconds; jobs that were"
          + " created with it go on."
    },
    footerHeading = "%nExample%n",
    footer = "  batchinfer keys revoke --keys-file keys.json 1a2b3c4d")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class KeysRevokeCommand implements Callable<Integer> {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}");

  @Spec private CommandSpec spec;

  @Mixin private KeysFlags flags;

  @Parameters(
      paramLabel = "KEYID",
      description = "The eight digits after \"bi_\" in the key, as \"keys list\" shows them.")
  private String id;

  @Override
  public Integer call() {
    if (!ID.matcher(id).matches()) {
      throw KeysFlags.mistake(
          "KEYID is %s, not the id of a key; give the eight digits after \"bi_\", never the key itself."
              .formatted(KeysFlags.shown(id)));
    }
    StoredKey before =
        flags
            .file()
            .revoke(id)
            .orElseThrow(
                () ->
                    KeysFlags.mistake(
                        "There is no key \"%s\" in \"%s\"; \"batchinfer keys list\" lists all keys."
                            .formatted(id, flags.path())));
    spec.commandLine().getOut().println(told(before));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static String told(StoredKey before) {
    return before
        .revokedAt()
        .map(
            at ->
                "Key \"%s\" of workspace \"%s\" was revoked before (%s)."
                    .formatted(before.id(), before.workspace(), at))
        .orElseGet(
            () ->
                "Revoked key \"%s\" of workspace \"%s\"; a service that runs refuses it within 10 seconds."
                    .formatted(before.id(), before.workspace()));
  }
}
