package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.Hash128;
import io.batchinfer.row.InputForm;
import io.batchinfer.row.LineRules;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks a file before a job uses it, by the rules of the run itself: which lines could never be
 * sent, and why. Reads a bounded part of the file as a stream and keeps little of it. Thread-safe.
 */
public final class FileCheck {
  /** What people look at before they start is the beginning; a run looks at every line. */
  private static final int MOST_LINES = 100_000;

  private static final int LONGEST_LINE = 8 << 20;
  private static final long MOST_BYTES = 64L << 20;
  private static final int MOST_GROUPS = 20;
  private static final int SHOWN_LINES = 5;
  private static final int LONGEST_MESSAGE = 500;

  private final BatchStore store;

  public FileCheck(BatchStore store) {
    this.store = store;
  }

  /**
   * What was found.
   *
   * @param lines lines that were looked at, blank ones left out
   * @param whole whether these were all
   * @param invalid lines among them that can never be sent
   * @param form what the file looks like where it holds no lines at all
   * @param problems equal ones together, those of the most lines first
   */
  public record Report(
      long lines, boolean whole, long invalid, Optional<String> form, List<Group> problems) {}

  /**
   * One problem.
   *
   * @param count lines that have it
   * @param lines numbers of the first of them
   */
  public record Group(String code, String message, long count, List<Long> lines) {}

  /**
   * Checks a file's first lines, 100,000 of them or 64 MiB.
   *
   * @param endpoint path for lines that name none
   * @throws StorageException where the file cannot be read
   */
  public Report check(BatchFile file, String endpoint) {
    String path = store.content(file.workspace(), file.id());
    FileStore files = store.files();
    try (InputStream head = files.open(path, 0);
        LineReader lines = new LineReader(files.open(path, 0), 0, LONGEST_LINE)) {
      Optional<String> form = InputForm.of(head.readNBytes(InputForm.HEAD_BYTES));
      return new Reading(endpoint).read(lines, form);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** One file on its way through. */
  private static final class Reading {
    private final RequestLineParser parser;
    private final Digest128 digest = new Digest128();
    private final Set<Hash128> ids = new HashSet<>();
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private long invalid;

    Reading(String endpoint) {
      parser =
          new RequestLineParser(
              new LineRules(
                  endpoint, Set.copyOf(EndpointPaths.KNOWN), null, ModelRule.LINE_WINS, null));
    }

    Report read(LineReader lines, Optional<String> form) throws IOException {
      long number = 0;
      long looked = 0;
      boolean whole = false;
      while (looked < MOST_LINES && lines.endOffset() < MOST_BYTES) {
        if (!lines.next()) {
          whole = true;
          break;
        }
        number++;
        if (!lines.isBlank()) {
          looked++;
          look(lines, number);
        }
      }
      List<Group> sorted = new ArrayList<>(groups.values());
      sorted.sort((left, right) -> Long.compare(right.count(), left.count()));
      return new Report(looked, whole, invalid, invalid == 0 ? Optional.empty() : form, sorted);
    }

    private void look(LineReader lines, long number) {
      if (lines.tooLong()) {
        add("line_too_large", "The line is too long to be looked at here.", number);
        return;
      }
      ParsedLine line = parser.parse(lines.bytes(), lines.start(), lines.length());
      if (line instanceof Invalid problem) {
        add(problem.code().code(), problem.message(), number);
      } else if (line.customId() != null && !ids.add(digest.add(line.customId()).finish())) {
        add("duplicate_custom_id", "An earlier line has the same custom_id.", number);
      }
    }

    private void add(String code, String message, long number) {
      invalid++;
      String key = groups.size() < MOST_GROUPS || groups.containsKey(message) ? message : "";
      String shown = key.isEmpty() ? "Other problems." : shown(message);
      Group group = groups.getOrDefault(key, new Group(code, shown, 0, List.of()));
      List<Long> numbers = new ArrayList<>(group.lines());
      if (numbers.size() < SHOWN_LINES) {
        numbers.add(number);
      }
      groups.put(key, new Group(group.code(), group.message(), group.count() + 1, numbers));
    }

    private static String shown(String message) {
      String plain = message.replaceAll("\\p{Cntrl}", "?");
      return plain.length() <= LONGEST_MESSAGE ? plain : plain.substring(0, LONGEST_MESSAGE) + "…";
    }
  }
}
