package io.batchinfer.cli;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.BatchStore;
import io.batchinfer.wire.ApiError;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The flags of all {@code jobs} commands. */
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsFlags {
  private static final Map<String, String> FLAGS =
      Map.of("input_files", "--input", "timeout_hours", "--timeout-hours");

  @Option(
      names = "--store",
      paramLabel = "FOLDER",
      required = true,
      description = "The folder that \"batchinfer serve\" is given, on any Hadoop filesystem.")
  private String folder;

  @Option(
      names = "--workspace",
      paramLabel = "NAME",
      description = "Whose files and jobs; may be left out where the store has one workspace.")
  private @Nullable String workspace;

  @Option(names = "--json", description = "Prints one line of JSON.")
  private boolean json;

  boolean json() {
    return json;
  }

  /**
   * Opens the store and finds the workspace.
   *
   * @param maybeNew whether the workspace need not be there yet
   */
  StoreAccess open(CommandSpec spec, boolean maybeNew) {
    BatchStore store = new BatchStore(HadoopFiles.stores(), folder);
    return new StoreAccess(store, workspace(store, maybeNew), spec.commandLine().getErr());
  }

  private String workspace(BatchStore store, boolean maybeNew) {
    if (workspace != null) {
      KeysFlags.workspaceName(workspace);
    }
    List<String> names = store.workspaceNames();
    if (workspace != null && (maybeNew || names.contains(workspace))) {
      return workspace;
    }
    if (names.isEmpty()) {
      throw new BatchException(
          ErrorCode.NOT_FOUND,
          "The store \"%s\" holds no workspace%s. Check --store%s."
              .formatted(
                  store.root(),
                  store.files().find(store.root()).isPresent()
                      ? ""
                      : ", and there is no such folder",
                  maybeNew && workspace == null
                      ? ", or name a new workspace with --workspace"
                      : ""));
    }
    if (workspace == null && names.size() == 1) {
      return names.get(0);
    }
    throw new BatchException(
        workspace == null ? ErrorCode.USAGE : ErrorCode.NOT_FOUND,
        "%s; it has %s.%s"
            .formatted(
                workspace == null
                    ? "The store has several workspaces"
                    : "The store has no workspace \"" + workspace + "\"",
                String.join(", ", names.subList(0, Math.min(20, names.size()))),
                workspace == null ? " Name one with --workspace." : ""));
  }

  /** The refusal of a request in the words of the flags that it was made of. */
  static BatchException inFlags(ApiError refusal) {
    String message = String.valueOf(refusal.getMessage());
    return new BatchException(
        ErrorCode.USAGE,
        refusal
            .param()
            .map(param -> param.replaceFirst("\\..*", ""))
            .map(param -> FLAGS.getOrDefault(param, "--" + param) + ": " + message)
            .orElse(message));
  }

  /** Prints one line of JSON. */
  static void print(CommandSpec spec, byte[] line) {
    print(spec, new String(line, StandardCharsets.UTF_8));
  }

  static void print(CommandSpec spec, String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
