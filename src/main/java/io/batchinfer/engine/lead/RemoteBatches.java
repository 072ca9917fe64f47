package io.batchinfer.engine.lead;

import io.batchinfer.config.RetryOptions;
import io.batchinfer.model.Amount;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.BatchNote.Step;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.RemoteBatch;
import io.batchinfer.remote.RemoteBatch.Problem;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteBatchApi.StoredFile;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.Uploaded;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a round: brings each one on, step by step, and writes down what it is about to do
 * before it does what could happen twice. For one thread.
 */
final class RemoteBatches {
  private static final long REFUSED_ALONE = 2;

  private final RunContext run;
  private final RemoteBook book;
  private final RemoteBatchApi api;
  private final RemoteTasks tasks;
  private final RemoteSettings settings;
  private final RemoteSpending spending;
  private final RemoteRoom room;
  private final List<BatchOnItsWay> batches = new ArrayList<>();
  private final int mostTries;
  private final RemoteTroubles troubles;
  private boolean submitting = true;
  private boolean cancelling;
  private boolean capped;

  RemoteBatches(
      RunContext run,
      RemoteBook book,
      RemoteBatchApi api,
      RemoteTasks tasks,
      RemoteSettings settings,
      RemoteSpending spending) {
    this.run = run;
    this.book = book;
    this.api = api;
    this.tasks = tasks;
    this.settings = settings;
    this.spending = spending;
    this.room = new RemoteRoom(settings);
    this.troubles = new RemoteTroubles(run, settings);
    this.mostTries = run.request().options().get(RetryOptions.MAX_ATTEMPTS);
    for (BatchNote note : book.ofLastRound()) {
      batches.add(new BatchOnItsWay(note, book.work(note), now()));
    }
  }

  private long now() {
    return run.time().nanos();
  }

  private long wallMillis() {
    return run.clock().millis();
  }

  List<BatchOnItsWay> all() {
    return batches;
  }

  /** Nothing new goes to the provider from now on. */
  void submitNothingMore() {
    submitting = false;
  }

  /** Whether nothing is left to do. */
  boolean isDone() {
    return batches.stream()
        .allMatch(
            batch ->
                batch.note().step() == Step.CLEARED
                    || (batch.note().step() == Step.FETCHED && settings.keepFiles())
                    || (!submitting && !batch.isCreated() && !batch.note().done()));
  }

  /**
   * Brings on what can be brought on now; does not wait for anything but the provider's answers.
   *
   * @throws RemoteEnd where the run cannot go on
   */
  void step() throws InterruptedException {
    for (BatchOnItsWay batch : List.copyOf(batches)) {
      if (batch.isDue(now()) && batches.contains(batch)) {
        try {
          Step before = batch.note().step();
          step(batch);
          Step after = batch.note().step();
          if (after != before && after != Step.UPLOADING) {
            troubles.answered();
          }
        } catch (RemoteException e) {
          trouble(batch, e);
        }
      }
    }
  }

  private void step(BatchOnItsWay batch) throws InterruptedException {
    switch (batch.note().step()) {
      case PLANNED -> {
        if (submitting && room.mayBegin(batch, batches, now()) && isPaidFor(batch)) {
          reached(batch, batch.note().at(Step.UPLOADING, wallMillis()));
          batch.uploading = tasks.upload(batch.note(), batch.work());
        }
      }
      case UPLOADING -> upload(batch);
      case UPLOADED -> {
        if (submitting && room.mayCreate(batches, now())) {
          create(batch);
        }
      }
      case CREATING -> lookForCreated(batch);
      case CREATED -> follow(batch);
      case FETCHED -> clear(batch);
      case CLEARED -> {}
    }
  }

  /** Whether the caps leave enough for a batch. */
  private boolean isPaidFor(BatchOnItsWay batch) {
    boolean allowed = spending.allows(batch, batches);
    capped |= !allowed && batches.stream().noneMatch(BatchOnItsWay::isUnderWay);
    return allowed;
  }

  /** Whether a cap keeps the next batch from being submitted, and nothing is under way. */
  boolean isCapped() {
    return capped;
  }

  private void reached(BatchOnItsWay batch, BatchNote note) {
    book.write(note);
    batch.reached(note, now());
  }

  private void upload(BatchOnItsWay batch) throws InterruptedException {
    Future<Uploaded> running = batch.uploading;
    if (running == null) {
      // Whoever began it may have come to its end.
      Optional<StoredFile> found = api.files(batch.note().fileName()).stream().findFirst();
      if (found.isPresent()) {
        reached(batch, batch.note().uploaded(found.get().id(), found.get().bytes(), wallMillis()));
      } else if (submitting) {
        batch.uploading = tasks.upload(batch.note(), batch.work());
      }
      return;
    }
    if (!running.isDone()) {
      return;
    }
    batch.uploading = null;
    Uploaded uploaded = RemoteTasks.resultOf(running);
    if (uploaded.problem().isEmpty()) {
      reached(batch, batch.note().uploaded(uploaded.file(), uploaded.bytes(), wallMillis()));
    } else {
      trouble(batch, uploaded.failure());
    }
  }

  private void create(BatchOnItsWay batch) throws InterruptedException {
    if (!run.ownership().isValid()) {
      return;
    }
    reached(batch, batch.note().at(Step.CREATING, wallMillis()));
    if (!run.ownership().isValid()) {
      // Writing took longer than the right to create lasts; whoever has it now looks for the batch.
      return;
    }
    try {
      RemoteBatch created = api.create(batch.order(settings.window()));
      created(batch, created);
    } catch (RemoteException e) {
      switch (e.kind()) {
        case UNCERTAIN -> {
          batch.later(now(), settings.firstPoll(), settings.longestPoll());
          run.listener()
              .notice(
                  "Whether a batch was created is not known (%s); it is looked for before it is created again."
                      .formatted(e.getMessage()));
        }
        case UNREACHABLE -> {
          reached(batch, batch.note().at(Step.UPLOADED, wallMillis()));
          throw e;
        }
        case LATER -> {
          reached(batch, batch.note().at(Step.UPLOADED, wallMillis()));
          room.refused(batches, now(), e.retryAfter().orElse(Duration.ZERO));
        }
        default -> {
          reached(batch, batch.note().at(Step.UPLOADED, wallMillis()));
          if (new Problem(e.code(), "", Optional.empty()).isLimit()) {
            tooMuch(batch, String.valueOf(e.getMessage()));
          } else {
            throw e;
          }
        }
      }
    }
  }

  private void created(BatchOnItsWay batch, RemoteBatch created) throws InterruptedException {
    reached(batch, batch.note().created(created.id(), wallMillis()));
    batch.seen = created;
    if (cancelling) {
      cancel(batch);
    }
    batch.later(now(), settings.firstPoll(), settings.longestPoll());
  }

  /** Somebody has begun to create it; whether it is there, its provider's list says in the end. */
  private void lookForCreated(BatchOnItsWay batch) throws InterruptedException {
    Optional<RemoteBatch> found = api.find(batch.order(settings.window()));
    if (found.isPresent()) {
      created(batch, found.get());
      return;
    }
    // By this run's own time: another machine's clock may be ahead.
    Duration age = Duration.ofNanos(now() - batch.reachedAt());
    // Its list may be behind, and a second batch would be paid as well.
    if (age.compareTo(settings.lag()) < 0) {
      batch.later(now(), settings.firstPoll(), settings.firstPoll());
    } else {
      reached(batch, batch.note().at(Step.UPLOADED, wallMillis()));
    }
  }

  private void follow(BatchOnItsWay batch) throws InterruptedException {
    Future<Fetched> running = batch.fetching;
    if (running != null) {
      fetched(batch, running);
      return;
    }
    RemoteBatch seen = api.get(batch.note().batch());
    batch.seen = seen;
    switch (seen.phase()) {
      case RUNNING -> {
        room.works(batch);
        batch.later(now(), settings.firstPoll(), settings.longestPoll());
      }
      case ENDED ->
          batch.fetching =
              tasks.fetch(
                  batch.note(),
                  batch.work(),
                  FetchOrders.ofEnded(batch, seen, settings.lag(), now()));
      case REFUSED -> refused(batch, seen);
    }
  }

  private void fetched(BatchOnItsWay batch, Future<Fetched> running) throws InterruptedException {
    if (!running.isDone()) {
      return;
    }
    batch.fetching = null;
    Fetched read = RemoteTasks.resultOf(running);
    BatchNote.@Nullable Result result = read.result();
    if (result == null) {
      troubles.unreadable(batch, read.problem(), now());
      return;
    }
    reached(batch, batch.note().fetched(result, wallMillis()));
    if (result.repeated() > 0) {
      run.listener()
          .notice(
              "The provider's files of batch \"%s\" hold %s more than once; the first one counts."
                  .formatted(batch.note().batch(), Amount.of(result.repeated(), "answer")));
    }
  }

  /**
   * The provider did not take it: it has too much under way, or rows are wrong, or all of it is.
   */
  private void refused(BatchOnItsWay batch, RemoteBatch seen) throws InterruptedException {
    List<Problem> problems = seen.problems();
    if (problems.stream().anyMatch(Problem::isLimit)) {
      reached(batch, batch.note().putOff(wallMillis()));
      batch.seen = null;
      tooMuch(batch, problems.get(0).message());
      return;
    }
    List<Problem> ofLines =
        problems.stream().filter(problem -> problem.line().isPresent()).toList();
    if (ofLines.isEmpty()
        && problems.stream().allMatch(Problem::mayPass)
        && batch.note().tries() + 1 < mostTries) {
      run.listener()
          .notice(
              "Batch \"%s\" failed at the provider (%s); it is created again."
                  .formatted(
                      seen.id(), problems.isEmpty() ? "no reason" : problems.get(0).message()));
      reached(batch, batch.note().putOff(wallMillis()));
      batch.seen = null;
      batch.later(now(), settings.firstPoll(), settings.longestPoll());
      return;
    }
    if (ofLines.isEmpty()) {
      throw new RemoteEnd(
          RemoteTroubles.end(
              "The provider did not take batch \"%s\": %s"
                  .formatted(
                      seen.id(),
                      problems.isEmpty()
                          ? "it is " + seen.status() + ", without a reason"
                          : problems.get(0).message())));
    }
    batch.fetching = tasks.fetch(batch.note(), batch.work(), FetchOrders.ofRefused(ofLines));
  }

  /** More is under way than the provider allows: it waits until less is, or is made smaller. */
  private void tooMuch(BatchOnItsWay batch, String words) throws InterruptedException {
    boolean alone = batches.stream().noneMatch(other -> other != batch && other.isCreated());
    room.refused(batches, now(), Duration.ZERO);
    if (room.isNews(words)) {
      run.listener().notice("The provider has no room for another batch as yet: " + words);
    }
    if (alone && batch.note().tries() >= REFUSED_ALONE && book.halve(batch.note())) {
      batches.remove(batch);
      for (BatchNote half : book.ofLastRound()) {
        if (batches.stream().noneMatch(other -> other.note().number() == half.number())) {
          batches.add(new BatchOnItsWay(half, book.work(half), now()));
        }
      }
      api.delete(batch.note().file());
    }
  }

  /** Deletes what is at the provider of a batch that is durable here. */
  private void clear(BatchOnItsWay batch) throws InterruptedException {
    if (settings.keepFiles()) {
      return;
    }
    RemoteBatch seen = batch.seen;
    if (seen == null && !batch.note().batch().isEmpty()) {
      seen = api.get(batch.note().batch());
    }
    if (seen != null) {
      for (String file : seen.files()) {
        api.delete(file);
      }
    }
    api.delete(batch.note().file());
    reached(batch, batch.note().at(Step.CLEARED, wallMillis()));
  }

  private void trouble(BatchOnItsWay batch, RemoteException e) {
    if (batch.note().step() == Step.FETCHED && e.isLasting()) {
      run.listener()
          .notice(
              "Files of batch \"%s\" stay at the provider: %s."
                  .formatted(batch.note().batch(), e.getMessage()));
      reached(batch, batch.note().at(Step.CLEARED, wallMillis()));
      return;
    }
    troubles.met(batch, e, now());
  }

  /** Asks the provider to end what runs there. */
  void cancel() throws InterruptedException {
    submitNothingMore();
    cancelling = true;
    for (BatchOnItsWay batch : batches) {
      if (batch.note().step() == Step.CREATED && batch.fetching == null) {
        cancel(batch);
        batch.reached(batch.note(), now());
      }
    }
  }

  private void cancel(BatchOnItsWay batch) throws InterruptedException {
    try {
      api.cancel(batch.note().batch());
    } catch (RemoteException e) {
      run.listener()
          .notice(
              "Batch \"%s\" was not cancelled: %s."
                  .formatted(batch.note().batch(), e.getMessage()));
    }
  }

  void stop() {
    batches.forEach(BatchOnItsWay::stop);
  }
}
