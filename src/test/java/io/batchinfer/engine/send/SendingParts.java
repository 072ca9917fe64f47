package io.batchinfer.engine.send;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.Reply;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.SettlingChannel;
import io.batchinfer.config.RateOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Split;
import io.batchinfer.pack.PackChannel;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Rows;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.SteppedTime;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.TickerClock;
import io.batchinfer.watch.RowDone;
import io.batchinfer.watch.WorkObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a process sends rows with, below its runtime: files in memory, time that a test moves, an
 * endpoint and a driver of the test's. Nothing is flushed unless a test asks for it.
 */
final class SendingParts implements AutoCloseable {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration FENCE = Duration.ofHours(10);
  private static final Duration BEYOND_A_QUESTION = Duration.ofSeconds(2);

  final InMemoryFiles files;
  final WorkedJob job;
  final JobView view;
  final ProcessFailure failure = new ProcessFailure();
  final SteppedTime time = new SteppedTime(failure::broke);
  final JournalWriter journal;
  final QuotaSession quota;
  final Tally tally = new Tally();
  final RowRoom room;
  final RowPath path;
  final Drain drain;
  final RowRequests requests;
  final RowSender sender;
  final DriverClient driver;
  final WorkerWait waits;
  final RunWatches watches;
  final SplitPublisher publisher;

  /** Requests that the endpoint has not answered, in the order in which they came. */
  final Queue<Sent> open = new ConcurrentLinkedQueue<>();

  /** What the driver was told, questions for permits excepted. */
  final List<WorkerRequest> told = new CopyOnWriteArrayList<>();

  /** Splits all of whose rows are settled. */
  final List<SplitProgress> settled = new CopyOnWriteArrayList<>();

  /** Splits of which the observer was told that they begin, and that they are over. */
  final List<Integer> began = new CopyOnWriteArrayList<>();

  final List<Integer> over = new CopyOnWriteArrayList<>();

  /** What the user was told. */
  final List<String> notices = new CopyOnWriteArrayList<>();

  /** Rows whose end the observer was told. */
  final List<RowDone> ended = new CopyOnWriteArrayList<>();

  /** What was thrown that should not have been, and ended nothing. */
  final List<Throwable> unexpected = new CopyOnWriteArrayList<>();

  /** Bytes for rows and answers. */
  final AtomicLong share = new AtomicLong(1L << 30);

  /** What the driver answers to anything but questions for permits. */
  volatile Function<WorkerRequest, CompletableFuture<byte[]>> answers =
      request -> CompletableFuture.completedFuture(new byte[] {1});

  /** Hears of every request when it is sent. */
  volatile Consumer<Sent> whenSent = sent -> {};

  /** Hears whenever it is asked how many bytes there are. */
  volatile Runnable whenShareIsAsked = () -> {};

  /** What the way to the endpoint breaks with, where it does. */
  volatile @Nullable Throwable breaksWith;

  private volatile int slots;
  private volatile boolean stopped;

  /** A request and who waits for its answer. */
  record Sent(OutboundRequest request, CompletableFuture<Reply> answer) {
    String body() {
      return new String(((Json) request.entity()).content(), StandardCharsets.UTF_8);
    }

    void answer(int status, String body) {
      answer.complete(new Reply(status, header -> null, body.getBytes(StandardCharsets.UTF_8)));
    }

    void answer(String content) {
      answer(
          200,
          "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}"
              .formatted(content));
    }
  }

  /**
   * @param slots requests that may be under way
   */
  SendingParts(List<String> lines, int slots, Map<String, String> options) {
    this(new WorkedJob(InMemoryFiles.filesystem(), lines, lines.size(), NEVER, options), slots);
  }

  SendingParts(WorkedJob job, int slots) {
    this(job, slots, job.view());
  }

  private SendingParts(WorkedJob job, int slots, JobView view) {
    this.job = job;
    this.slots = slots;
    this.view = view;
    files = job.files;
    journal = new JournalWriter(files, job.folder.segments(), 1, "p", time, NEVER);
    quota =
        new QuotaSession(
            "p",
            unused -> CompletableFuture.completedFuture(granted()),
            new Elapsed(time, new TickerClock(time)),
            time,
            time,
            () -> tally.progress(journal.lag(), ProcessorTime.NONE),
            new StatedLimitsReader());
    RetryingChannel retrying =
        ChannelStack.assemble(
            List.of(this::sent),
            quota::limit,
            new RetryRule(1, 0),
            new AnswerReading(view.spec().pricing()),
            time,
            time,
            new TickerClock(time),
            unexpected::add);
    int embedBatch = view.spec().options().get(RateOptions.EMBED_BATCH);
    room = new RowRoom(this::share, quota, journal, slots, embedBatch, notices::add);
    PackChannel channel =
        new PackChannel(
            disturbed(new MeasuredChannel(retrying, room::expect)),
            embedBatch,
            1 << 20,
            quota::hasSucceeded,
            notices::add,
            unexpected::add);
    path =
        new RowPath(
            room,
            channel,
            new OutcomeClassifier(new SecretMask(List.of()), unexpected::add),
            new RowSettler(journal, view.lineWriter(), quota, tally, unexpected::add),
            new Observer(),
            time);
    drain =
        new Drain(
            quota,
            retrying,
            room,
            journal,
            failure,
            time,
            new Elapsed(time, new TickerClock(time)));
    driver = new DriverClient(this::ask, "token", "p");
    requests = new RowRequests(view, AudioForms.of(files, view.spec()));
    sender = new RowSender(path, requests, quota, failure);
    waits = new WorkerWait(path, quota);
    AnswerTimes answerTimes = new AnswerTimes(path.observer());
    quota.observedBy(answerTimes);
    watches = new RunWatches(view.spec().options(), time, path.observer(), notices::add);
    publisher =
        new SplitPublisher(
            view,
            journal,
            driver,
            new SplitSketches(job.folder, answerTimes, "p"),
            this::share,
            watches,
            failure);
    failure.whenFailed(drain::stop);
    journal.onFailure(failure::broke);
    quota.start(room::close, failure::broke);
  }

  /** Of a job whose requests have idempotency keys. */
  static SendingParts withKeys(WorkedJob job, int slots) {
    JobView view = job.view();
    RunSpec spec = view.spec();
    RunSpec seeded =
        new RunSpec(spec.options(), spec.jobHash(), spec.root(), "seed", spec.pricing());
    return new SendingParts(
        job,
        slots,
        new JobView(seeded, view.folder(), view.plan(), view.keys(), seeded.lineRules()));
  }

  /** A row's request as it was read. */
  static Request request(@Nullable String customId, String path, String body, int answerTokens) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Request(customId, path, bytes, "m", answerTokens, false, PromptOutline.of(bytes));
  }

  private CompletionStage<Reply> sent(OutboundRequest request) {
    Sent sent = new Sent(request, new CompletableFuture<>());
    open.add(sent);
    whenSent.accept(sent);
    return sent.answer();
  }

  private long share() {
    whenShareIsAsked.run();
    return share.get();
  }

  private SettlingChannel disturbed(SettlingChannel undisturbed) {
    return (request, suspect) -> {
      Throwable thrown = breaksWith;
      return thrown == null
          ? undisturbed.send(request, suspect)
          : CompletableFuture.failedFuture(thrown);
    };
  }

  private CompletionStage<byte[]> ask(byte[] message) {
    WorkerRequest request = WorkerMessage.decode(message).request();
    told.add(request);
    return answers.apply(request);
  }

  private QuotaReply granted() {
    return new QuotaReply(
        slots,
        List.of(),
        new Rows(new long[0], new long[0]),
        new Rate(true, 0),
        new Leave(FENCE.toNanos(), 0, List.of(), stopped),
        0);
  }

  /** From the next question on, requests that may be under way. */
  void grant(int newSlots) {
    slots = newSlots;
    time.advance(BEYOND_A_QUESTION);
  }

  /** What a driver does whose run is to end. */
  void stop() {
    stopped = true;
    time.advance(BEYOND_A_QUESTION);
  }

  /** Answers the request that has been open for longest, with that content. */
  void answer(String content) {
    open.remove().answer(content);
  }

  /** Reads splits, and sends or settles their rows. */
  SplitReader reader(RowOrder order) {
    return new SplitReader(view, driver, drain, path, requests, sender, failure, waits, order);
  }

  /** A worker of the process. */
  SplitWorker worker() {
    return new SplitWorker(
        view,
        new SplitClaims(driver, "w", failure, waits),
        reader(RowOrder.AS_READ),
        sender,
        publisher,
        watches,
        drain,
        failure,
        waits);
  }

  Split split() {
    return job.splits().get(0);
  }

  /** A split as a worker has opened it; it is among the settled when all of its rows are. */
  SplitProgress progress() {
    return new SplitProgress(split(), settled::add);
  }

  /** What is journalled for the split, in the order of its lines; makes all of it durable. */
  List<JournalEntry> entries() {
    journal.flush().toCompletableFuture().join();
    List<JournalEntry> entries = new ArrayList<>();
    new SplitAssembler(files, job.folder.segments(), Long.MAX_VALUE, entries::add)
        .assemble(
            split().lines(), journal.ranges(split().index()), null, "/read/r", "/read/e", null);
    return entries;
  }

  /** The line that is made of what is journalled. */
  static String line(JournalEntry entry) {
    return new String(entry.rendered(), StandardCharsets.UTF_8);
  }

  long told(WorkerRequest.Kind kind) {
    return told.stream().filter(request -> request.kind() == kind).count();
  }

  @Override
  public void close() {
    publisher.close();
    watches.close();
    quota.close();
    journal.close();
    time.close();
    job.close();
  }

  /** Keeps what it is told; its own time is that of the test, and an hour ahead. */
  private final class Observer implements WorkObserver {
    @Override
    public void reads(Supplier<ProcessReading> reading) {}

    @Override
    public long now() {
      return time.nanos() + Duration.ofHours(1).toNanos();
    }

    @Override
    public void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {}

    @Override
    public void splitBegan(int split) {
      began.add(split);
    }

    @Override
    public void splitEnded(int split) {
      over.add(split);
    }

    @Override
    public void rowEnded(RowDone row) {
      ended.add(row);
    }

    @Override
    public void close() {}
  }
}
