package io.batchinfer.engine.lead;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A cluster in virtual time on the driver's real ledger, journal index and message codec: executors
 * claim splits, settle their lines one after the other, journal and publish them, and get lost.
 * Everything happens on the test's thread, from a seed.
 */
final class LargeCluster implements AutoCloseable {
  static final int LINES = 4;
  private static final Duration ONE_WAY = Duration.ofNanos(500_000);
  private static final Duration HEARTBEAT = Duration.ofMillis(500);
  private static final byte[] LINE =
      ("{" + "x".repeat(1_000) + "}\n").getBytes(StandardCharsets.US_ASCII);
  private static final PartCounts PART =
      new PartCounts(
          new Counts(new RowCounts(LINES, 0), new Spent(LINES, 0, Usage.NONE), new TreeMap<>()),
          0,
          100,
          0);

  final VirtualTime time = new VirtualTime();
  final InMemoryFiles files = InMemoryFiles.filesystem();
  final SplitLedger ledger;
  final List<Executor> executors = new ArrayList<>();

  /** Requests sent for each row. */
  final byte[] sent;

  /** Rows that were durable when their process died, or at work for a process that is alive. */
  final BitSet durable = new BitSet();

  final int[] messages = new int[3_600];
  final int[] claims = new int[3_600];
  int sentAlthoughDurable;
  int underWayAtLosses;
  long journalled;
  private final StoredJob job;
  private final RunAuthority authority;
  private final Random random;

  LargeCluster(int executorCount, int workersEach, int splits, Duration reading, long seed) {
    random = new Random(seed);
    job = new StoredJob(files, splits, LINES);
    sent = new byte[splits * LINES];
    ledger =
        new SplitLedger(
            job.plan,
            job.folder,
            time.elapsed(),
            Duration.ofSeconds(12),
            time,
            task -> time.schedule(task, reading));
    authority =
        new RunAuthority(
            "token",
            new RunSecrets(new TreeMap<>(), new TreeMap<>()),
            ledger,
            new QuotaAuthority(
                new EndpointQuota(new QuotaLimits(1, 0, 0, Duration.ofMinutes(15)), time, time),
                QuotaGroup.of(1),
                List.of(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(70),
                () -> true),
            () -> true);
    for (int i = 0; i < executorCount; i++) {
      Executor executor = new Executor(i);
      executors.add(executor);
      executor.start(workersEach);
    }
  }

  int second() {
    return (int) (time.nanos() / 1_000_000_000L);
  }

  /** Executor processes that end; the cluster manager tells. */
  void kill(int from, int to, boolean told) {
    for (Executor lost : executors.subList(from, to)) {
      lost.dead = true;
      underWayAtLosses += lost.underWay;
      if (told) {
        authority.processEnded("p" + lost.session);
      }
    }
  }

  /** Nobody hears them for a time, while they work on. */
  void cutOff(int from, int to, Duration duration) {
    for (Executor lost : executors.subList(from, to)) {
      lost.cutOff = true;
      underWayAtLosses += lost.underWay;
      time.schedule(() -> lost.cutOff = false, duration);
    }
  }

  @Override
  public void close() {
    executors.forEach(executor -> executor.journal.close());
  }

  /** A process with its workers. */
  final class Executor {
    private final String session;
    private final JournalWriter journal;
    private boolean dead;
    private boolean cutOff;
    private boolean stopped;
    private int underWay;

    private Executor(int number) {
      session = "s" + number;
      journal =
          new JournalWriter(
              files, job.folder.segments(), 1, session, new VirtualTime(), Duration.ofHours(1));
    }

    private void start(int workers) {
      ask(new WorkerRequest.Hello("p" + session), hello -> {});
      time.schedule(this::beat, Duration.ofMillis(random.nextInt(500)));
      for (int worker = 0; worker < workers; worker++) {
        claim("w" + worker);
      }
    }

    private void beat() {
      if (!dead && !stopped) {
        ask(new WorkerRequest.Trying(-1, 0), yes -> {});
        time.schedule(this::beat, HEARTBEAT);
      }
    }

    /** A question whose answer may never come, as that of a connection that is cut. */
    private void ask(WorkerRequest request, Consumer<byte[]> then) {
      byte[] message = new WorkerMessage("token", session, request).encode();
      time.schedule(
          () -> {
            if (dead || cutOff) {
              return;
            }
            messages[second()]++;
            claims[second()] += request.kind() == WorkerRequest.Kind.CLAIM ? 1 : 0;
            CompletionStage<byte[]> answer = authority.answer(message);
            CompletionStage<Void> unused =
                answer.thenAccept(
                    bytes ->
                        time.schedule(
                            () -> {
                              if (!dead && !cutOff) {
                                then.accept(bytes);
                              }
                            },
                            ONE_WAY));
          },
          ONE_WAY);
    }

    private void claim(String worker) {
      ask(
          new WorkerRequest.Claim(worker),
          bytes -> {
            ClaimAnswer answer = ClaimAnswer.decode(bytes);
            if (answer.granted().isPresent()) {
              SplitClaim claimed = answer.granted().get();
              Replay replay =
                  Replay.of(files, job.folder.segments(), claimed.split(), claimed.segments());
              next(worker, claimed.split(), 0, replay.settled());
            } else if (answer != ClaimAnswer.Nothing.FINISHED) {
              claim(worker);
            } else {
              stopped = true;
            }
          });
    }

    private void next(String worker, int split, int from, BitSet settled) {
      if (cutOff) {
        // Its fence has run out.
        return;
      }
      int line = settled.nextClearBit(from);
      if (line >= LINES) {
        publish(worker, split);
        return;
      }
      int row = split * LINES + line;
      sent[row]++;
      sentAlthoughDurable += durable.get(row) ? 1 : 0;
      underWay++;
      Duration answer = Duration.ofMillis(1_000 + random.nextInt(4_000));
      time.schedule(
          () -> {
            if (!dead) {
              underWay--;
              journal.append(
                  split,
                  new JournalEntry(
                      line, true, false, AnswerMarks.NONE, 1, 0, Usage.NONE, "", LINE));
              CompletableFuture<Void> flushed = journal.flush().toCompletableFuture();
              flushed.join();
              journalled += LINE.length;
              if (!cutOff) {
                durable.set(row);
              }
              next(worker, split, line + 1, settled);
            }
          },
          answer);
    }

    private void publish(String worker, int split) {
      ask(
          new WorkerRequest.Commit(split),
          may -> {
            if (may[0] == 1) {
              ask(
                  new WorkerRequest.Committed(split, PART),
                  accepted -> {
                    if (accepted[0] == 1) {
                      journal.published(split);
                    }
                    claim(worker);
                  });
            } else {
              claim(worker);
            }
          });
    }
  }
}
