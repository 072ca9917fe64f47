package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.send.DriverClient;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a large job costs its driver: {@code scripts/test DriverLoadBench}, about two minutes and 2
 * GB of disk. No part of the suite, since it measures time.
 */
class DriverLoadBench {
  private static final Duration FENCE = Duration.ofSeconds(10);

  private final SystemTime time = new SystemTime("bench-driver");
  private final Elapsed elapsed = new Elapsed(time, Clock.systemUTC());
  private final OperatingSystemMXBean machine =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  @AfterEach
  void stop() {
    time.close();
  }

  private SplitLedger ledger(StoredJob job, JobFolder folder) {
    return new SplitLedger(
        job.plan,
        folder,
        elapsed,
        Duration.ofSeconds(12),
        time,
        task -> {
          Thread thread = new Thread(task, "bench-reader");
          thread.setDaemon(true);
          thread.start();
        });
  }

  private RunAuthority authority(SplitLedger ledger) {
    QuotaAuthority quota =
        new QuotaAuthority(
            new EndpointQuota(new QuotaLimits(4_000, 0, 0, Duration.ofMinutes(15)), time, time),
            QuotaGroup.of(1),
            List.of(),
            FENCE,
            Duration.ofSeconds(70),
            () -> true);
    return new RunAuthority(
        "token", new RunSecrets(new TreeMap<>(), new TreeMap<>()), ledger, quota, () -> true);
  }

  private static long heapInUse() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void theLossOfOneOfTwentyWritersOfTwoGigabytes(@TempDir Path disk) throws Exception {
    int writers = 20;
    int blocks = 6_250;
    int splitsPerWriter = 8;
    StoredJob job = new StoredJob(InMemoryFiles.filesystem(), 200, 10);
    FileStores files = new FileStores(() -> new Configuration(false));
    JobFolder folder = new JobFolder(files, "file:" + disk);
    SplitLedger ledger = ledger(job, folder);
    RunAuthority authority = authority(ledger);
    List<DriverClient> clients = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      DriverClient client = new DriverClient(authority::answer, "token", "w" + writer);
      client.secrets("executor-" + writer);
      for (int i = 0; i < splitsPerWriter; i++) {
        assertThat(now(client).granted().orElseThrow().split())
            .isEqualTo(writer * splitsPerWriter + i);
      }
      clients.add(client);
    }
    write(files, folder, writers, blocks, splitsPerWriter);

    AtomicLong longest = new AtomicLong();
    AtomicLong messages = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    Thread others =
        new Thread(
            () -> {
              while (!over.get()) {
                for (int i = 0; i < writers; i++) {
                  if (i != 3) {
                    long asked = System.nanoTime();
                    clients.get(i).mayCommit(i * splitsPerWriter);
                    longest.accumulateAndGet(System.nanoTime() - asked, Math::max);
                    messages.incrementAndGet();
                  }
                }
              }
            });
    others.start();
    for (int free = writers * splitsPerWriter; free < 200; free++) {
      assertThat(now(clients.get(0)).granted().orElseThrow().split()).isEqualTo(free);
    }
    longest.set(0);
    time.pause(Duration.ofSeconds(2));
    long longestBefore = longest.getAndSet(0);
    messages.set(0);
    long started = System.nanoTime();
    authority.processEnded("executor-3");
    long told = System.nanoTime() - started;
    ClaimAnswer again = clients.get(0).claim("w").toCompletableFuture().join();
    long claimed = System.nanoTime() - started;
    over.set(true);
    others.join();
    assertThat(again.granted().orElseThrow().split()).isEqualTo(3 * splitsPerWriter);

    SplitLedger resumed = ledger(job, folder);
    long before = heapInUse();
    long began = System.nanoTime();
    resumed.recover(Map.of());
    long recovered = System.nanoTime() - began;
    long index = heapInUse() - before;
    long ranges = (long) writers * blocks * splitsPerWriter;
    assertThat(resumed.openSplits()).hasSize(200);
    System.out.printf(
        "journal of %,d ranges by %d writers: telling of a loss took %.2f ms, a split of the lost writer was out again after %,d ms; meanwhile %,d other messages, the longest wait of one %.2f ms (in two seconds before the loss %.2f ms)%n",
        ranges,
        writers,
        told / 1e6,
        claimed / 1_000_000,
        messages.get(),
        longest.get() / 1e6,
        longestBefore / 1e6);
    System.out.printf(
        "resume of it: %,d ms, the index holds %,d bytes, %.2f MB per million ranges%n",
        recovered / 1_000_000, index, index / 1e6 / (ranges / 1e6));
    assertThat(longest.get()).isLessThan(100_000_000L + longestBefore);
  }

  @Test
  void theIndexOfAMillionRangesWhereEveryFlushIsAFile() {
    InMemoryFiles objects = InMemoryFiles.objectStore();
    StoredJob job = new StoredJob(objects, 200, 10);
    int writers = 20;
    int splitsPerWriter = 8;
    int flushes = 6_250;
    for (int writer = 0; writer < writers; writer++) {
      try (JournalWriter journal =
          new JournalWriter(
              objects, job.folder.segments(), 1, "w" + writer, time, Duration.ofHours(1))) {
        for (int flush = 0; flush < flushes; flush++) {
          for (int i = 0; i < splitsPerWriter; i++) {
            journal.append(writer * splitsPerWriter + i, entry(flush % 10, new byte[] {'\n'}));
          }
          journal.flush().toCompletableFuture().join();
        }
      }
    }
    JournalIndex index = new JournalIndex(job.folder);
    long before = heapInUse();
    index.read(any -> true);
    long held = heapInUse() - before;
    long ranges = (long) writers * flushes * splitsPerWriter;
    assertThat(index.segments(0)).hasSize(flushes);
    System.out.printf(
        "index of %,d ranges in %,d files: %.1f MB per million ranges%n",
        ranges, writers * flushes, held / 1e6 / (ranges / 1e6));
  }

  private static ClaimAnswer now(DriverClient client) {
    return client.claim("w").toCompletableFuture().join();
  }

  private void write(
      FileStores files, JobFolder folder, int writers, int blocks, int splitsPerWriter) {
    byte[] line = new byte[2_000];
    Arrays.fill(line, (byte) 'x');
    line[line.length - 1] = '\n';
    for (int writer = 0; writer < writers; writer++) {
      try (JournalWriter journal =
          new JournalWriter(files, folder.segments(), 1, "w" + writer, time, Duration.ofHours(1))) {
        for (int block = 0; block < blocks; block++) {
          for (int i = 0; i < splitsPerWriter; i++) {
            journal.append(writer * splitsPerWriter + i, entry(block % 10, line));
          }
          journal.flush().toCompletableFuture().join();
        }
      }
    }
  }

  private static JournalEntry entry(int line, byte[] rendered) {
    return new JournalEntry(
        line, true, false, AnswerMarks.NONE, 1, 0, new Usage(10, 5), "", rendered);
  }

  @Test
  void aThousandExecutorsWithFourThousandIdleWorkersAtTheTail() throws Exception {
    int executors = 1_000;
    int workersEach = 4;
    int seconds = 20;
    StoredJob job = new StoredJob(InMemoryFiles.filesystem(), executors, 1);
    SplitLedger ledger = ledger(job, job.folder);
    RunAuthority authority = authority(ledger);
    AtomicLong quotaMessages = new AtomicLong();
    AtomicLong claims = new AtomicLong();
    List<QuotaSession> sessions = new ArrayList<>();
    List<DriverClient> clients = new ArrayList<>();
    AtomicLong answering = new AtomicLong();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (int i = 0; i < executors; i++) {
      DriverClient client =
          new DriverClient(
              message -> {
                long before = threads.getCurrentThreadCpuTime();
                CompletionStage<byte[]> answer = authority.answer(message);
                answering.addAndGet(threads.getCurrentThreadCpuTime() - before);
                return answer;
              },
              "token",
              "s" + i);
      client.secrets("executor-" + i);
      assertThat(now(client).granted().orElseThrow().split()).isEqualTo(i);
      clients.add(client);
    }
    for (int i = 0; i < executors; i++) {
      DriverClient client = clients.get(i);
      QuotaSession session =
          new QuotaSession(
              "s" + i,
              request -> {
                quotaMessages.incrementAndGet();
                return client.quota(request);
              },
              elapsed,
              time,
              time,
              () -> Progress.ZERO,
              reply -> StatedLimits.NONE);
      session.start(
          () -> {},
          thrown -> {
            throw new AssertionError("the stack broke", thrown);
          });
      sessions.add(session);
      for (int worker = 0; worker < workersEach; worker++) {
        idle(client, "idle" + worker, claims);
      }
    }
    long quotaBefore = quotaMessages.get();
    long claimsBefore = claims.get();
    long answeringBefore = answering.get();
    long cpu = machine.getProcessCpuTime();
    long from = System.nanoTime();
    time.pause(Duration.ofSeconds(seconds));
    double passed = (System.nanoTime() - from) / 1e9;
    double cores = (machine.getProcessCpuTime() - cpu) / 1e9 / passed;
    double driver = (answering.get() - answeringBefore) / 1e9 / passed;
    double quotaRate = (quotaMessages.get() - quotaBefore) / passed;
    double claimRate = (claims.get() - claimsBefore) / passed;
    sessions.forEach(QuotaSession::close);
    System.out.printf(
        "%,d executors with %,d idle workers: %.0f claims and %.0f quota questions a second, answered with %.3f of a core; %.3f with the asking side (transport not included)%n",
        executors, executors * workersEach, claimRate, quotaRate, driver, cores);
    assertThat(cores).isLessThan(0.2);
  }

  private static void idle(DriverClient client, String worker, AtomicLong claims) {
    claims.incrementAndGet();
    CompletableFuture<ClaimAnswer> answer = client.claim(worker).toCompletableFuture();
    CompletableFuture<Void> unused =
        answer.thenAccept(
            claimed -> {
              if (claimed.equals(Nothing.LATER)) {
                idle(client, worker, claims);
              }
            });
  }
}
