package io.batchinfer.cli;

import io.batchinfer.config.Durations;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.Note;
import io.batchinfer.store.Pruning;
import io.batchinfer.store.Pruning.Item;
import io.batchinfer.store.StoreAccess;
import io.batchinfer.store.StoreJson;
import io.batchinfer.store.Texts;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jobs prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Deletes jobs that ended longer ago than that, with everything they made, and uploads that are"
          + " older and that no unfinished job needs. Says what, and how much space it took."
    },
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs prune --store data --older-than 30d --dry-run")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsPruneCommand implements Callable<Integer> {
  private static final int KIB = 1024;
  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB");

  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Option(
      names = "--older-than",
      paramLabel = "TIME",
      required = true,
      description = "A number with s, m, h or d, such as 30d.")
  private String olderThan;

  @Option(names = "--dry-run", description = "Only says what would be deleted.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Duration age = age();
    StoreAccess access = flags.open(spec, false);
    long before = access.nowMillis() - age.toMillis();
    Pruning found = Pruning.of(access.registry(), access.workspace(), before);
    List<String> kept =
        dryRun || found.isEmpty()
            ? List.of()
            : access.send(Note.Kind.PRUNE, found.ids(), null).kept();
    Pruning deleted = found.without(kept);
    if (flags.json()) {
      JobsFlags.print(
          spec,
          StoreJson.pruned(
              dryRun, ids(deleted.jobs()), ids(deleted.files()), kept, deleted.bytes()));
    } else {
      print(deleted, spec.commandLine().getOut());
      for (String id : kept) {
        access.tell("Kept %s: a job that is not over needs it.".formatted(id));
      }
    }
    return 0;
  }

  /** A bare number would be seconds, which nobody means here. */
  private Duration age() {
    String text = olderThan.strip();
    if (text.isEmpty() || Character.isDigit(text.charAt(text.length() - 1))) {
      throw mistaken("names no unit", null);
    }
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw mistaken("is not a duration", e);
    }
  }

  private BatchException mistaken(String why, @Nullable Throwable cause) {
    return new BatchException(
        ErrorCode.USAGE,
        "--older-than is \"%s\", which %s; give a number with s, m, h or d, such as 30d."
            .formatted(Texts.shown(olderThan), why),
        cause);
  }

  private static List<String> ids(List<Item> items) {
    return items.stream().map(Item::id).toList();
  }

  private void print(Pruning deleted, PrintWriter out) {
    deleted.jobs().forEach(job -> print("job", "ended", job, out));
    deleted.files().forEach(file -> print("file", "made", file, out));
    out.printf(
        "%s %s and %s: %s.%n",
        dryRun ? "Would delete" : "Deleted",
        Amount.of(deleted.jobs().size(), "job"),
        Amount.of(deleted.files().size(), "file"),
        size(deleted.bytes()));
    out.flush();
  }

  private static void print(String what, String since, Item item, PrintWriter out) {
    out.printf(
        "%-4s  %-38s  %s %s  %10s  %s%n",
        what,
        item.id(),
        since,
        JobSheet.time(item.sinceMillis()),
        size(item.bytes()),
        Texts.shown(item.name()));
  }

  private static String size(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= KIB && unit < UNITS.size() - 1) {
      size /= KIB;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, UNITS.get(unit));
  }
}
