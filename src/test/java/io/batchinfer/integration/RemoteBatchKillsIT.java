package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderFault;
import io.batchinfer.testing.provider.ProviderSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A job by way of a provider's batches, at a provider that goes wrong in every way, whose driver is
 * killed over and over; the provider's own ledger is the judge. {@code -Dremote.rows}, {@code
 * -Dremote.kills} and {@code -Dremote.seed} make it longer or repeat it; {@code
 * scripts/chaos-batches} runs the long one.
 */
class RemoteBatchKillsIT {
  private static final int ROWS = Integer.getInteger("remote.rows", 1_200);
  private static final int KILLS = Integer.getInteger("remote.kills", 2);
  private static final long SEED = Long.getLong("remote.seed", System.nanoTime());
  private static final int BATCH = Math.max(200, ROWS / 50);

  /** When the driver is killed. */
  private enum Moment {
    UPLOAD_IN_FLIGHT("POST v1/files", false),
    BETWEEN_UPLOAD_AND_CREATE("POST v1/files", true),
    CREATE_IN_FLIGHT("POST create", false),
    CREATED_AND_NOT_ANSWERED("POST create", true),
    POLLING("GET poll", false),
    DOWNLOADING("GET v1/files/*/content", false),
    DOWNLOADED("GET v1/files/*/content", true),
    DELETING("DELETE v1/files/*", false),
    PUBLISHING("", false);

    private final String route;
    private final boolean done;

    Moment(String route, boolean done) {
      this.route = route;
      this.done = done;
    }

    boolean is(String heard, boolean isDone, ProviderDialect dialect) {
      String batches = dialect == ProviderDialect.OPENAI ? "v1/batches" : "v1/batch/jobs";
      String full =
          switch (route) {
            case "POST create" -> "POST " + batches;
            case "GET poll" -> "GET " + batches + "/*";
            default -> route;
          };
      return heard.equals(full) && isDone == done;
    }
  }

  @TempDir Path directory;
  private Path product = Path.of("");
  private final Random random = new Random(SEED);
  private final long began = System.nanoTime();
  private final StringBuilder story = new StringBuilder();
  private final AtomicReference<Consumer<String>> beforeCall = new AtomicReference<>(route -> {});
  private final AtomicReference<Consumer<String>> beforeAnswer = new AtomicReference<>(route -> {});

  private static FaultPlan faults() {
    return new FaultPlan(SEED)
        .often(
            0.1,
            ProviderFault.UPLOAD_UNANSWERED,
            ProviderFault.UPLOAD_FAILS_AFTERWARDS,
            ProviderFault.UPLOAD_THROTTLED,
            ProviderFault.CREATE_THROTTLED,
            ProviderFault.CREATE_THROTTLED_FOR_A_SECOND,
            ProviderFault.CREATE_UNANSWERED,
            ProviderFault.CREATE_FAILS_AFTERWARDS,
            ProviderFault.DELETE_FAILS_AFTERWARDS,
            ProviderFault.BATCH_EXPIRES,
            ProviderFault.BATCH_FAILS,
            ProviderFault.RESULTS_LATE,
            ProviderFault.FILE_NOT_FOUND_YET,
            ProviderFault.FILE_IN_CONFLICT_YET,
            ProviderFault.FILE_IN_PROCESS_YET,
            ProviderFault.CONTENT_BROKEN_OFF,
            ProviderFault.CONTENT_HALF,
            ProviderFault.CONTENT_CUT_BETWEEN_LINES)
        .often(0.03, ProviderFault.READ_FAILS)
        .often(
            0.003,
            ProviderFault.ROW_MISSING,
            ProviderFault.ROW_TWICE,
            ProviderFault.ROW_FAILS,
            ProviderFault.ROW_THROTTLED,
            ProviderFault.ROW_WITHOUT_STATUS,
            ProviderFault.ROW_TIMES_OUT);
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void everyRowEndsOnceAndNothingIsPaidTwice(ProviderDialect dialect) {
    product = ShippedService.unpack(directory);
    tell("seed %d, %d rows, %d times kill -9, %s".formatted(SEED, ROWS, KILLS, dialect));
    RemoteRows rows = RemoteRows.write(directory.resolve("in.jsonl"), ROWS, SEED);
    Path output = directory.resolve("out");
    ProviderSettings settings =
        ProviderSettings.of(dialect)
            .withLimits(
                ProviderSettings.Limits.USUAL.withLines(BATCH).withPendingRequests(BATCH * 8L))
            .withPace(ProviderSettings.Pace.SHORT.withListLag(Duration.ofSeconds(1)));
    try (FakeBatchProvider provider = FakeBatchProvider.start(settings, faults())) {
      provider.beforeCall(route -> beforeCall.get().accept(route));
      provider.beforeAnswer(route -> beforeAnswer.get().accept(route));
      int killed = 0;
      for (Moment moment : moments()) {
        if (!runUntil(moment, () -> start(rows, output, provider, dialect), output, dialect)) {
          break;
        }
        killed++;
      }
      tell(killed + " kills are done");
      finish(start(rows, output, provider, dialect));
      tell("finished: " + provider.faults().struck());
      tell(
          "%d batches, %d rows paid of %d, %d of them since their answers were withheld, most pending %d"
              .formatted(
                  provider.ledger().creations().size(),
                  provider.ledger().runs().values().stream().mapToInt(Integer::intValue).sum(),
                  rows.answerable(),
                  provider.ledger().withheld().size(),
                  provider.ledger().mostPendingRequests()));

      rows.check(output);
      assertThat(provider.ledger().creations())
          .as(story.toString())
          .allSatisfy((id, times) -> assertThat(times).as("created as %s", id).isEqualTo(1))
          .doesNotContainKey("");
      assertThat(provider.ledger().paidAgain()).as(story.toString()).isZero();
      assertThat(provider.ledger().runs()).hasSize(rows.answerable());
      assertThat(provider.filesLeft()).as(story.toString()).isEmpty();
      assertThat(provider.ledger().refusals().stream().filter(RemoteBatchKillsIT::isCareless))
          .as(story.toString())
          .isEmpty();
      assertThat(killed).as(story.toString()).isEqualTo(KILLS);

      Path interactive = directory.resolve("interactive");
      finish(start(rows, interactive, provider, "--concurrency", "32"));
      assertThat(RemoteRows.ends(output)).isEqualTo(RemoteRows.ends(interactive));
    }
  }

  /** What was deleted may be asked for once more by who was killed before noting that. */
  private static boolean isCareless(String refusal) {
    return !refusal.startsWith("DELETE");
  }

  private List<Moment> moments() {
    List<Moment> all = new ArrayList<>();
    while (all.size() < KILLS) {
      List<Moment> once = new ArrayList<>(List.of(Moment.values()));
      Collections.shuffle(once, random);
      all.addAll(once);
    }
    List<Moment> some = new ArrayList<>(all.subList(0, KILLS));
    // Nothing is published before the last batch, and the run ends soon after that.
    some.sort((a, b) -> Boolean.compare(a == Moment.PUBLISHING, b == Moment.PUBLISHING));
    return some;
  }

  private ForkedProcess start(
      RemoteRows rows, Path output, FakeBatchProvider provider, ProviderDialect dialect) {
    return start(
        rows,
        output,
        provider,
        "--via",
        "batch",
        "--batch-api",
        dialect == ProviderDialect.OPENAI ? "openai" : "mistral",
        "--poll-interval",
        "100ms",
        "--max-poll-interval",
        "500ms",
        "--max-file-lines",
        Integer.toString(BATCH),
        "--batch-lag",
        "3s",
        "--batch-pending",
        "6");
  }

  private ForkedProcess start(
      RemoteRows rows, Path output, FakeBatchProvider provider, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                product.resolve("scripts/batchinfer").toString(),
                "run",
                "--input",
                rows.input().toString(),
                "--output",
                output.toString(),
                "--base-url",
                provider.url(),
                "--split-bytes",
                "64KiB",
                "--master",
                "local[2]"));
    words.addAll(List.of(more));
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .start();
  }

  private interface Start {
    ForkedProcess run();
  }

  /** Kills a run at a moment; false if it ended before that. */
  private boolean runUntil(Moment moment, Start start, Path output, ProviderDialect dialect) {
    AtomicInteger left = new AtomicInteger(1 + random.nextInt(3));
    tell("kill at the %d. %s".formatted(left.get(), moment));
    AtomicReference<ForkedProcess> running = new AtomicReference<>();
    beforeCall.set(
        route -> {
          if (moment.is(route, false, dialect) && left.decrementAndGet() == 0) {
            kill(running.get());
          }
        });
    beforeAnswer.set(
        route -> {
          if (moment.is(route, true, dialect) && left.decrementAndGet() == 0) {
            kill(running.get());
          }
        });
    try (ForkedProcess process = start.run()) {
      running.set(process);
      Eventually.await(
          "it is killed at " + moment,
          LONG_ENOUGH,
          () -> {
            if (moment == Moment.PUBLISHING && commits(output) >= left.get()) {
              kill(process);
            }
            return !process.isAlive();
          },
          () -> story + process.stderr());
      Finished finished = process.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s%s", story, finished).isIn(0, 137);
      return finished.exitCode() == 137;
    } finally {
      beforeCall.set(route -> {});
      beforeAnswer.set(route -> {});
    }
  }

  private static int commits(Path output) {
    Path folder = output.resolve("_journal/commits");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void kill(ForkedProcess process) {
    List<ProcessHandle> family = new ArrayList<>(process.handle().descendants().toList());
    family.add(process.handle());
    family.forEach(ProcessHandle::destroyForcibly);
    family.forEach(each -> each.onExit().join());
  }

  private void finish(ForkedProcess started) {
    try (ForkedProcess process = started) {
      Finished finished = process.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s%s", story, finished).isZero();
    }
  }

  @SuppressWarnings("SystemOut") // the seed and the figures belong into the build's log
  private void tell(String line) {
    String timed =
        "%4d s  %s".formatted(Duration.ofNanos(System.nanoTime() - began).toSeconds(), line);
    story.append(timed).append('\n');
    System.out.println(timed);
  }
}
