package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * Where the one JSON object that says how a command ended goes.
 *
 * @param printed whether it is printed on standard output
 * @param file path of the file that is to hold it, as it was given; without a scheme on this
 *     machine, whatever the default filesystem is
 */
record SummaryOutput(boolean printed, Optional<String> file) {

  private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:");

  boolean isWanted() {
    return printed || file.isPresent();
  }

  static SummaryOutput of(ResolvedOptions options) {
    return new SummaryOutput(
        options.get(GeneralOptions.JSON), options.find(GeneralOptions.SUMMARY_FILE));
  }

  /**
   * Of a command that failed, perhaps before its options were understood.
   *
   * @param command the command, which knows the flags that it has
   * @param arguments the whole command line
   */
  static SummaryOutput of(
      CommandLine command, List<String> arguments, Map<String, String> environment) {
    boolean printed = arguments.contains(GeneralOptions.JSON.flag());
    if (command.getCommandSpec().findOption(GeneralOptions.SUMMARY_FILE.flag()) == null) {
      return new SummaryOutput(printed, Optional.empty());
    }
    Optional<String> file =
        argument(arguments)
            .or(
                () ->
                    Optional.ofNullable(
                        environment.get(GeneralOptions.SUMMARY_FILE.environmentVariable())))
            .filter(path -> !path.isBlank());
    return new SummaryOutput(printed, file);
  }

  private static Optional<String> argument(List<String> arguments) {
    String flag = GeneralOptions.SUMMARY_FILE.flag();
    Optional<String> last = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.startsWith(flag + "=")) {
        last = Optional.of(argument.substring(flag.length() + 1));
      } else if (argument.equals(flag) && i + 1 < arguments.size()) {
        last = Optional.of(arguments.get(i + 1));
      }
    }
    return last;
  }

  /**
   * Takes away what an earlier command left in the file, so that nobody takes it for the end of
   * this one, and makes sure that the file can be written before anything is spent.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where it cannot
   */
  void prepare() {
    if (file.isEmpty()) {
      return;
    }
    try {
      FileStores stores = HadoopFiles.stores();
      String path = place(stores, file.get());
      if (stores.find(path).filter(there -> there.folder()).isPresent()) {
        throw unusable("it is a folder", null);
      }
      // Written and taken away again: only that shows that it can be.
      stores.replace(path, new byte[0]);
      stores.delete(path);
    } catch (StorageException e) {
      throw unusable(String.valueOf(e.getMessage()), e);
    }
  }

  /** Without a scheme it is on this machine, for whoever started the command, not on a cluster. */
  private static String place(FileStores stores, String file) {
    return stores.qualify(SCHEME.matcher(file).lookingAt() ? file : "file:" + file);
  }

  private BatchException unusable(String why, @Nullable Throwable cause) {
    BatchException refusal =
        new BatchException(
            ErrorCode.USAGE,
            "%s \"%s\" cannot be written: %s. Name a file in a folder that this command may write to."
                .formatted(GeneralOptions.SUMMARY_FILE.flag(), file.orElse(""), why));
    if (cause != null) {
      refusal.initCause(cause);
    }
    return refusal;
  }

  /**
   * Prints and writes the object. A file that cannot be written any more is said on {@code err};
   * the command has ended by then, and its exit code stays what it is.
   */
  void tell(String json, PrintWriter out, PrintWriter err) {
    if (printed) {
      out.println(json);
      out.flush();
    }
    if (file.isPresent()) {
      try {
        FileStores stores = HadoopFiles.stores();
        stores.replace(place(stores, file.get()), (json + "\n").getBytes(StandardCharsets.UTF_8));
      } catch (StorageException | LinkageError e) {
        // Where there is no Spark, there is no Hadoop either.
        err.println(
            "%s \"%s\" could not be written: %s."
                .formatted(GeneralOptions.SUMMARY_FILE.flag(), file.get(), e.getMessage()));
        err.flush();
      }
    }
  }
}
