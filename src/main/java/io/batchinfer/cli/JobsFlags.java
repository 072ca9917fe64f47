package io.batchinfer.cli;

import io.batchinfer.api.NotedRequest;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.ServiceOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.store.BatchStore;
import io.batchinfer.store.ChangeRules;
import io.batchinfer.store.StoreAccess;
import io.batchinfer.store.StoreLimits;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    PrintWriter err = spec.commandLine().getErr();
    return new StoreAccess(
        store,
        workspace(store, maybeNew),
        JobsFlags::rules,
        line -> {
          err.println(line);
          err.flush();
        });
  }

  /** By the limits of the last service, or the configured ones where there was none. */
  private static ChangeRules rules(Optional<StoreLimits> lastService) {
    return new ChangeRules(
        lastService.orElseGet(JobsFlags::configured),
        new Deployments(OptionCommand.confFolder())::mayUse,
        NotedRequest::read);
  }

  private static StoreLimits configured() {
    OptionSources.Builder sources = OptionSources.builder().environment(System.getenv());
    @Nullable Path confFolder = OptionCommand.confFolder();
    if (confFolder != null) {
      sources.confFolder(confFolder);
    }
    ResolvedOptions options = sources.resolve();
    return new StoreLimits(
        options.get(ServiceOptions.MAX_PENDING_REQUESTS),
        options.get(ServiceOptions.MAX_UPLOAD_BYTES));
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
  static BatchException inFlags(Optional<String> param, RuntimeException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return new BatchException(
        ErrorCode.USAGE,
        param
            .map(name -> name.replaceFirst("\\..*", ""))
            .map(name -> FLAGS.getOrDefault(name, "--" + name) + ": " + message)
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

  /**
   * Where a file goes.
   *
   * @param to the file, or the folder that it is put into
   * @param name of the file in a folder
   */
  static String target(FileStore files, String to, String name) {
    String path = files.qualify(to);
    boolean folder =
        to.endsWith("/") || files.find(path).map(FileStore.Entry::folder).orElse(false);
    return folder ? path.replaceFirst("/$", "") + "/" + name : path;
  }
}
