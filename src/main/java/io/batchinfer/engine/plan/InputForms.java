package io.batchinfer.engine.plan;

import io.batchinfer.row.InputForm;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Input files that hold no JSON lines at all, and what they look like instead.
 *
 * @param byFile what each looks like, by its path
 */
public record InputForms(SortedMap<String, String> byFile) {
  public static final InputForms NONE = new InputForms(new TreeMap<>());

  /** One file's form mostly is that of all; looking costs a request each on a store of objects. */
  private static final int MOST_FILES = 20;

  public InputForms {
    byFile = Collections.unmodifiableSortedMap(new TreeMap<>(byFile));
  }

  /**
   * Looks at the beginnings of files.
   *
   * @param files the input
   * @param suspects first units of files that have invalid lines in them
   */
  public static InputForms of(
      FileStore store, List<FileStore.Entry> files, List<ScanUnit> suspects) {
    SortedMap<String, String> found = new TreeMap<>();
    for (ScanUnit unit : suspects.stream().limit(MOST_FILES).toList()) {
      try (InputStream in = store.open(unit.path(), 0)) {
        InputForm.of(in.readNBytes(InputForm.HEAD_BYTES))
            .ifPresent(form -> found.put(files.get(unit.file()).path(), form));
      } catch (IOException e) {
        throw new StorageException("Cannot read \"" + unit.path() + "\"", e);
      }
    }
    return new InputForms(found);
  }

  public boolean isEmpty() {
    return byFile.isEmpty();
  }

  /** A sentence for each file. */
  public List<String> sentences() {
    return byFile.entrySet().stream()
        .map(form -> "\"%s\" %s.".formatted(form.getKey(), form.getValue()))
        .toList();
  }

  /** Those of the messages about lines, {@code file:line: …} each, that are of other files. */
  public List<String> ofOtherFiles(List<String> lines) {
    return lines.stream()
        .filter(line -> byFile.keySet().stream().noneMatch(path -> line.startsWith(path + ":")))
        .toList();
  }
}
