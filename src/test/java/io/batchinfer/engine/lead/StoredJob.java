package io.batchinfer.engine.lead;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.send.WorkedSplit;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.PartProof;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowHash;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ResultLineWriter;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * A job on files in memory whose runs do on them what driver and worker do, in the same order and
 * through the same classes, on the test's thread and without an endpoint.
 */
final class StoredJob {
  static final String ROOT = "/out";
  static final Usage TRY = new Usage(10, 3);

  private static final SortedMap<String, String> IDENTITY = new TreeMap<>(Map.of("model", "m"));
  private static final Instant START = Instant.EPOCH;

  final InMemoryFiles files;
  final JobFolder folder;
  final Plan plan;
  final RowKey keys = new RowKey(JobRequest.jobHash(IDENTITY));
  private final ResultLineWriter lines = new ResultLineWriter(keys, List.of("/in/a.jsonl"));
  private final int linesPerSplit;
  private long epoch;

  StoredJob(InMemoryFiles files, int splits, int linesPerSplit) {
    this.files = files;
    this.linesPerSplit = linesPerSplit;
    this.folder = new JobFolder(files, ROOT);
    this.plan = plan(splits, linesPerSplit);
  }

  private static Plan plan(int splits, int lines) {
    List<Split> all = new ArrayList<>();
    for (int split = 0; split < splits; split++) {
      Digest128 digest = new Digest128();
      Hash128 sum = Hash128.ZERO;
      for (int line = 0; line < lines; line++) {
        sum = sum.plus(RowHash.of(digest, line, "row-" + (split * lines + line)));
      }
      all.add(
          new Split(
              split,
              0,
              "/in/a.jsonl",
              0,
              1,
              0,
              0,
              1L + (long) split * lines,
              lines,
              lines,
              0,
              sum,
              0));
    }
    return new Plan(
        List.of(new InputFile(0, "/in/a.jsonl", 1, 0, Hash128.ZERO)), all, Hash128.ZERO);
  }

  /** What the endpoint does with a row, by its number over all splits. */
  interface Endpoint {
    RowOutcome send(int row);

    /** Hears that the answer to a row survives a crash from now on. */
    default void durable(int row) {}
  }

  static Answered answer(String text) {
    return new Answered(
        200,
        "r",
        ("{\"a\":\"" + text + "\"}").getBytes(StandardCharsets.US_ASCII),
        TRY,
        AnswerMarks.NONE,
        "");
  }

  static Answered refusal(String code) {
    byte[] body = ("{\"error\":{\"code\":\"" + code + "\"}}").getBytes(StandardCharsets.US_ASCII);
    return new Answered(400, "r", body, TRY, AnswerMarks.NONE, code);
  }

  static Unanswered none(ErrorCode code) {
    return new Unanswered(code, "no answer", null);
  }

  Optional<JobRecord> record() {
    return folder.readRecord();
  }

  /** Runs, resumes or retries the job to its end. */
  JobRecord run(Endpoint endpoint, boolean retryFailed) {
    return run(endpoint, retryFailed, Optional.empty());
  }

  /** Closes the rows that have no answer yet with that code. */
  JobRecord close(Endpoint endpoint, int after, ErrorCode code) {
    int[] sent = {0};
    IntFunction<RowOutcome> limited = row -> sent[0]++ < after ? endpoint.send(row) : none(code);
    return run(
        new Endpoint() {
          @Override
          public RowOutcome send(int row) {
            return limited.apply(row);
          }
        },
        false,
        Optional.of(code));
  }

  private JobRecord run(Endpoint endpoint, boolean retryFailed, Optional<ErrorCode> closing) {
    epoch++;
    Optional<JobRecord> existing = record();
    boolean finished = existing.isPresent() && existing.get().status().isFinal();
    RowsAgain again = retryFailed && finished ? RowsAgain.FAILED : RowsAgain.CLOSED;
    Reopenings reopenings = new Reopenings(folder, again);
    SortedMap<Integer, ReopenedSplit> examined = new TreeMap<>();
    for (int split : reopenings.candidates()) {
      Reopenings.examine(folder, plan, keys, split, again, epoch)
          .ifPresent(json -> examined.put(split, reopened(json)));
    }
    SortedMap<Integer, ReopenedSplit> reopened = reopenings.begin(examined, START);
    if (finished && reopened.isEmpty()) {
      return existing.get();
    }
    VirtualTime time = new VirtualTime();
    SplitLedger ledger =
        new SplitLedger(plan, folder, time.elapsed(), Duration.ofSeconds(12), time, Runnable::run);
    write(JobStatus.RUNNING, ledger.recover(reopened));
    files.delete(folder.success());
    String session = "x" + epoch;
    ledger.sawSession(session);
    try (JournalWriter journal =
        new JournalWriter(
            files, folder.segments(), epoch, session, new VirtualTime(), Duration.ofHours(1))) {
      for (Optional<SplitClaim> granted = claim(ledger, session);
          granted.isPresent();
          granted = claim(ledger, session)) {
        SplitClaim claimed = granted.get();
        Replay replay = Replay.of(files, folder.segments(), claimed.split(), claimed.segments());
        work(claimed, replay, journal, endpoint);
        publish(claimed, replay, journal, ledger, session);
      }
    }
    prove();
    folder.forgetJournal();
    if (closing.isPresent()) {
      return write(
          closing.get() == ErrorCode.BATCH_CANCELLED ? JobStatus.CANCELLED : JobStatus.EXPIRED,
          ledger.counts());
    }
    files.replace(folder.success(), new byte[0]);
    return write(JobStatus.COMPLETED, ledger.counts());
  }

  private static Optional<SplitClaim> claim(SplitLedger ledger, String session) {
    return ledger.claim(session, "w").toCompletableFuture().join().granted();
  }

  private static ReopenedSplit reopened(byte[] json) {
    try {
      return ReopeningJson.parseSplit(json);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void work(SplitClaim claimed, Replay replay, JournalWriter journal, Endpoint endpoint) {
    Split split = plan.splits().get(claimed.split());
    BitSet settled = worked(claimed).settled(replay);
    for (int line = 0; line < split.lines(); line++) {
      if (!settled.get(line)) {
        int row = split.index() * linesPerSplit + line;
        RowOutcome outcome = endpoint.send(row);
        journal.append(split.index(), entry(split, line, row, outcome));
        journal.flush().toCompletableFuture().join();
        endpoint.durable(row);
      }
    }
  }

  private WorkedSplit worked(SplitClaim claimed) {
    return new WorkedSplit(folder, keys, plan, claimed);
  }

  private JournalEntry entry(Split split, int line, int row, RowOutcome outcome) {
    Usage usage = outcome instanceof Answered answered ? answered.usage() : Usage.NONE;
    boolean provisional =
        outcome instanceof Unanswered unanswered && unanswered.code().isProvisional();
    return new JournalEntry(
        line,
        outcome.isSuccess(),
        provisional,
        AnswerMarks.NONE,
        provisional ? 0 : 1,
        0,
        usage,
        outcome instanceof Answered answered
            ? answered.refusal()
            : ((Unanswered) outcome).code().code(),
        lines.render(split.row(line), "row-" + row, outcome));
  }

  private void publish(
      SplitClaim claimed,
      Replay replay,
      JournalWriter journal,
      SplitLedger ledger,
      String session) {
    Split split = plan.splits().get(claimed.split());
    Set<SegmentRange> ranges = new LinkedHashSet<>(replay.ranges());
    ranges.addAll(journal.ranges(split.index()));
    Assembled assembled =
        worked(claimed)
            .publish(
                new SplitAssembler(files, folder.segments(), 1 << 20),
                List.copyOf(ranges),
                session,
                () -> ledger.mayCommit(split.index(), session));
    if (ledger.committed(split.index(), session, assembled.counts())) {
      journal.published(split.index());
    }
  }

  private void prove() {
    for (Split split : plan.splits()) {
      disprove(split)
          .ifPresent(
              problem -> {
                throw new IllegalStateException(problem);
              });
    }
  }

  /** What is wrong with a pair of parts. */
  Optional<String> disprove(Split split) {
    int splits = plan.splits().size();
    return new PartProof(files, keys)
        .disprove(
            split,
            folder.resultPart(split.index(), splits),
            folder.errorPart(split.index(), splits));
  }

  JobRecord write(JobStatus status, Counts counts) {
    JobRecord record =
        new JobRecord(
            new Definition("batch_1", ROOT, IDENTITY, new TreeMap<>(), Map.of()),
            Generation.FIRST,
            new Standing(status, "", status.exitCode(), true),
            new Rows(plan.rows(), 0, counts),
            Costs.UNKNOWN,
            new Times(START, Optional.empty(), 0, 0));
    folder.writeRecord(record);
    return record;
  }

  /** All parts, by path. */
  SortedMap<String, String> parts() {
    SortedMap<String, String> parts = new TreeMap<>();
    for (String path : files.paths()) {
      if (path.startsWith(folder.results() + "/") || path.startsWith(folder.errors() + "/")) {
        parts.put(path, new String(files.content(path), StandardCharsets.US_ASCII));
      }
    }
    return parts;
  }
}
