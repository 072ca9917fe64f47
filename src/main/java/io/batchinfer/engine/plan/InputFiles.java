package io.batchinfer.engine.plan;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowKey;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files behind the paths, folders and globs of an input. Names that begin with {@code _} or
 * {@code .} are not looked at in a folder.
 *
 * @param files each once, in the order given, those of one folder by their paths
 * @param leftOut folders in them that were not looked into
 */
public record InputFiles(List<FileStore.Entry> files, List<String> leftOut) {
  private static final int SHOWN_FOLDERS = 3;

  /** Links that lead in circles make folders without end. */
  private static final int MOST_FOLDERS = 100_000;

  public InputFiles {
    files = List.copyOf(files);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Looks the files up.
   *
   * @throws BatchException with {@link ErrorCode#INVALID_INPUT} where there is none, all are empty,
   *     or there are more than a job takes
   */
  public static InputFiles of(FileStores stores, List<String> inputs, ResolvedOptions options) {
    return new Search(stores, options.get(InputOutputOptions.RECURSIVE)).of(inputs);
  }

  /** That folders were left out, and how to read them; empty where none was. */
  public Optional<String> notice() {
    return leftOut.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s left out (%s%s); --recursive reads %s as well."
                .formatted(
                    Amount.of(leftOut.size(), "subfolder is", "subfolders are"),
                    shown(leftOut),
                    leftOut.size() > SHOWN_FOLDERS ? ", …" : "",
                    leftOut.size() == 1 ? "it" : "them"));
  }

  private static String shown(List<String> folders) {
    return String.join(", ", folders.stream().limit(SHOWN_FOLDERS).toList());
  }

  private static final class Search {
    private final FileStores stores;
    private final boolean recursive;
    private final List<String> leftOut = new ArrayList<>();
    private int folders;

    Search(FileStores stores, boolean recursive) {
      this.stores = stores;
      this.recursive = recursive;
    }

    InputFiles of(List<String> inputs) {
      Map<String, FileStore.Entry> found = new LinkedHashMap<>();
      for (String input : inputs) {
        List<FileStore.Entry> matches = new ArrayList<>();
        List<FileStore.Entry> roots = stores.match(stores.qualify(input));
        for (FileStore.Entry root : roots) {
          if (root.folder()) {
            addFilesOf(root.path(), matches);
          } else {
            matches.add(root);
          }
        }
        if (matches.isEmpty()) {
          throw nothing(input, roots);
        }
        matches.sort(Comparator.comparing(FileStore.Entry::path));
        matches.forEach(entry -> found.putIfAbsent(entry.path(), entry));
      }
      List<FileStore.Entry> files =
          found.values().stream().filter(entry -> entry.bytes() > 0).toList();
      if (files.isEmpty()) {
        throw invalid(
            "The input %s is empty: there is no request to send."
                .formatted(String.join(", ", inputs)));
      }
      if (files.size() > RowKey.MAX_FILES) {
        throw invalid(
            "The input has %,d files; a job takes at most %,d. Give fewer, larger files or several jobs."
                .formatted(files.size(), RowKey.MAX_FILES));
      }
      return new InputFiles(files, leftOut);
    }

    private void addFilesOf(String folder, List<FileStore.Entry> found) {
      folders++;
      if (folders > MOST_FOLDERS) {
        throw invalid(
            "The input has more than %,d folders, the last one \"%s\"; a link may lead in a circle. Name the folders that hold the files."
                .formatted(MOST_FOLDERS, folder));
      }
      for (FileStore.Entry child : stores.list(folder)) {
        if (child.name().startsWith("_") || child.name().startsWith(".")) {
          continue;
        }
        if (!child.folder()) {
          found.add(child);
        } else if (recursive) {
          addFilesOf(child.path(), found);
        } else {
          leftOut.add(child.path());
        }
      }
    }

    private BatchException nothing(String input, List<FileStore.Entry> roots) {
      if (roots.isEmpty()) {
        return invalid(
            "There is no input \"%s\"; check the path, or quote a glob so that the shell leaves it alone."
                .formatted(input));
      }
      return invalid(
          leftOut.isEmpty()
              ? "The input \"%s\" is a folder without files; name the folder that holds the .jsonl files."
                  .formatted(input)
              : "The input \"%s\" holds no files, only subfolders (%s%s); give --recursive to read them."
                  .formatted(input, shown(leftOut), leftOut.size() > SHOWN_FOLDERS ? ", …" : ""));
    }

    private static BatchException invalid(String message) {
      return new BatchException(ErrorCode.INVALID_INPUT, message);
    }
  }
}
