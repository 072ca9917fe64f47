package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CoursePoint.Moment;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.HeldBy;
import io.batchinfer.course.JobCourse;
import io.batchinfer.course.RunCourse;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.engine.send.DriverClient;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sending from the driver's side: workers are what the test plays, time passes in its pauses. */
class SendingStageTest {
  private static final Duration DRAIN = Duration.ofSeconds(20);

  private LedRun run = new LedRun(Map.of("drain-timeout", "20s"));
  private SendingStage stage = stage();
  private final Deque<Consumer<Started>> script = new ArrayDeque<>();
  private final List<Started> started = new ArrayList<>();
  private int sessions;

  private SendingStage stage() {
    return new SendingStage(
        run.context,
        run.job,
        run.ledger,
        run.recorder,
        (waiting, epoch, last) -> {
          throw new AssertionError("no row of these jobs is left out");
        });
  }

  private void lead(LedRun other) {
    run = other;
    stage = stage();
  }

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
    stage.close();
  }

  /** Workers that were started: they do what the test says, one second later. */
  private final class Started extends CompletableFuture<Void> {
    private final int openSplits;
    private final DriverClient driver;
    private final String session = "x" + sessions++;
    private int cancels;

    Started(int openSplits) {
      this.openSplits = openSplits;
      this.driver = LedRun.worker(stage, session);
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      cancels++;
      return super.cancel(mayInterrupt);
    }

    ClaimAnswer ask() {
      return driver.claim("w").toCompletableFuture().join();
    }

    SplitClaim claim() {
      return ask().granted().orElseThrow();
    }

    void publishAll() {
      for (Optional<SplitClaim> next = ask().granted(); next.isPresent(); next = ask().granted()) {
        assertThat(driver.committed(next.get().split(), LedRun.part())).isTrue();
      }
    }

    void report(long settled, long failed, Usage usage) {
      driver.quota(
          LedRun.report(
              session,
              StatusMeaning.ANSWERED,
              settled - failed,
              "",
              LedRun.settled(settled, failed, usage)));
    }

    void say(String words) {
      stage
          .authority()
          .answer(
              new WorkerMessage(stage.token(), session, new WorkerRequest.Notice(words)).encode());
    }

    void end() {
      complete(null);
    }

    void fail(Throwable thrown) {
      completeExceptionally(thrown);
    }
  }

  private Future<Void> start(int openSplits) {
    Started workers = new Started(openSplits);
    started.add(workers);
    Consumer<Started> next = script.poll();
    assertThat(next).as("workers nobody asked for").isNotNull();
    run.time.schedule(() -> next.accept(workers), Duration.ofSeconds(1));
    return workers;
  }

  private @Nullable End send() {
    return stage.run(this::start);
  }

  /** The end of a run that something ends. */
  private End ended() {
    @Nullable End end = send();
    assertThat(end).isNotNull();
    return Objects.requireNonNull(end);
  }

  private void after(Duration delay, Runnable action) {
    run.time.schedule(action, delay);
  }

  @Test
  void allRowsAreSettledByTheWorkersThatWereStarted() {
    script.add(
        workers -> {
          workers.publishAll();
          workers.end();
        });

    assertThat(send()).isNull();

    assertThat(started).hasSize(1);
    assertThat(started.get(0).openSplits).isEqualTo(LedRun.SPLITS);
    assertThat(started.get(0).cancels).isZero();
    assertThat(run.notices).isEmpty();
    assertThat(stage.seconds()).isEqualTo(1.0);
    assertThat(run.progress).hasSizeGreaterThan(9);
  }

  /** The run stays the owner of its output. */
  private void beat(int times) {
    run.ownership.beat();
    if (times > 1) {
      after(OwnershipTiming.DEFAULT.beat(), () -> beat(times - 1));
    }
  }

  @Test
  void howTheRunGoesIsWrittenDownWhileItGoesAndWhenItIsOver() {
    run.recorder.runsWith(new Program("1.0", "local[1]", 1));
    script.add(
        workers -> {
          workers.report(100, 3, new Usage(700, 300));
          beat(20);
          after(
              Duration.ofSeconds(39),
              () -> {
                RunCourse killedNow = JobCourse.read(run.context.folder()).runs().get(0);
                assertThat(killedNow.ending()).isEqualTo(Ending.NOT_YET);
                assertThat(killedNow.points()).hasSizeBetween(25, 41);
                assertThat(killedNow.points().get(0).moment().heldBy())
                    .as("before anybody is there to send")
                    .isEqualTo(HeldBy.NONE);
                CoursePoint point = killedNow.points().get(20);
                assertThat(point.rows())
                    .isEqualTo(new Rows(100, 3, new TreeMap<>(Map.of("http_400", 3L))));
                assertThat(point.spent().promptTokens()).isEqualTo(700);
                assertThat(point.moment()).isEqualTo(new Moment(1, 0, 1, HeldBy.ROWS));
                assertThat(killedNow.points().stream().map(each -> each.load().executors()))
                    .as("the first point that has heard of them")
                    .containsOnlyOnce(new Processors(0.25, 0.75, 0.5));
                assertThat(point.held()).containsExactly(Map.entry(HeldBy.ROWS, 1000L));
                workers.publishAll();
                workers.end();
              });
        });

    assertThat(send()).isNull();
    run.recorder.write(JobStatus.STOPPED, "The disk is full.");

    RunCourse over = JobCourse.read(run.context.folder()).runs().get(0);
    assertThat(over.points()).hasSizeGreaterThan(38);
    assertThat(over.ending().status()).isEqualTo(JobStatus.STOPPED);
    assertThat(over.ending().reason()).isEqualTo("The disk is full.");
    assertThat(over.rows()).isEqualTo(LedRun.SPLITS * LedRun.LINES);
    assertThat(over.limits())
        .containsExactly(new StatedLimit("concurrency", QuotaLimits.MOST_ADAPTIVE, "found"));
  }

  @Test
  void aRunIsKnownAsSoonAsItBeginsToSend() {
    AtomicReference<List<RunCourse>> known = new AtomicReference<>(List.of());
    script.add(
        workers -> {
          known.set(JobCourse.read(run.context.folder()).runs());
          workers.publishAll();
          workers.end();
        });

    assertThat(send()).isNull();

    assertThat(known.get())
        .singleElement()
        .satisfies(
            begun -> {
              assertThat(begun.ending()).isEqualTo(Ending.NOT_YET);
              assertThat(begun.points()).isEmpty();
            });
  }

  @Test
  void aRunGoesOnWhoseCourseCannotBeWritten() {
    script.add(
        workers -> {
          run.files.before(
              operation -> {
                if (operation.contains("/_course/")) {
                  throw new IOException("no space");
                }
              });
          beat(20);
          after(
              Duration.ofSeconds(39),
              () -> {
                workers.publishAll();
                workers.end();
              });
        });

    assertThat(send()).isNull();
    run.recorder.write(JobStatus.COMPLETED, "");

    assertThat(run.notices)
        .singleElement()
        .asString()
        .contains("could not be written down", "/_course/");
  }

  @Test
  void workersThatFailAreStartedAgainForWhatIsOpen() {
    script.add(
        workers -> {
          SplitClaim claimed = workers.claim();
          workers.driver.committed(claimed.split(), LedRun.part());
          workers.driver.release("w");
          workers.fail(new IllegalStateException("lost\nat line 2", new IOException("a\nb")));
        });
    script.add(
        workers -> {
          workers.publishAll();
          workers.end();
        });

    assertThat(send()).isNull();

    assertThat(started).extracting(one -> one.openSplits).containsExactly(3, 2);
    assertThat(run.notices).containsExactly("The workers' stage ended (a); it is submitted again.");
  }

  @Test
  void workersThatSettleNothingAreNotStartedForEver() {
    for (int i = 0; i < 5; i++) {
      script.add(workers -> workers.fail(new IllegalStateException("no room")));
    }

    assertThatThrownBy(this::send)
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("3 times without settling a row: no room");
    assertThat(started).hasSize(4);
  }

  @Test
  void aRowThatIsSettledIsProgress() {
    for (int i = 1; i <= 6; i++) {
      int settled = i;
      script.add(
          workers -> {
            workers.report(settled > 3 ? settled - 3 : 0, 0, Usage.NONE);
            workers.end();
          });
    }
    script.add(
        workers -> {
          workers.publishAll();
          workers.end();
        });

    assertThat(send()).isNull();
    assertThat(run.notices).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"USAGE", "INTERNAL"})
  void whatOtherWorkersWouldMeetAsWellEndsTheRun(ErrorCode code) {
    BatchException known = new BatchException(code, "known");
    script.add(workers -> workers.fail(new IllegalStateException("task", known)));

    assertThatThrownBy(this::send).isEqualTo(known);
    assertThat(started).hasSize(1);
  }

  @Test
  void anAnswerThatCannotBeKeptIsNotPaidForTwice() {
    script.add(
        workers ->
            workers.fail(
                new IllegalStateException(
                    "task", new StorageException("disk is full", new IOException("no space")))));

    assertThatThrownBy(this::send)
        .isInstanceOf(BatchException.class)
        .hasMessageStartingWith("disk is full")
        .hasMessageContaining("stopped at once");
    assertThat(started).hasSize(1);
  }

  @Test
  void workersOfAnotherBuildAreRefusedOnceInWordsThatSayWhatToDo() {
    script.add(
        workers -> {
          stage.authority().answer(new byte[8]);
          workers.fail(new IllegalStateException("refused"));
        });

    assertThatThrownBy(this::send)
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("older batchinfer");
    assertThat(started).hasSize(1);
  }

  @Test
  void theWordsOfAKnownFailureAreFoundBehindItsClass() {
    script.add(
        workers ->
            workers.fail(
                new IllegalStateException(
                    "Job aborted: " + BatchException.class.getName() + ": it is full\n\tat x")));
    script.add(
        workers -> {
          workers.publishAll();
          workers.end();
        });

    assertThat(send()).isNull();
    assertThat(run.notices)
        .containsExactly("The workers' stage ended (it is full); it is submitted again.");
  }

  @Test
  void anInterruptLetsNothingNewOutAndWaitsForWhatIsUnderWay() {
    script.add(
        workers -> {
          SplitClaim claimed = workers.claim();
          run.interrupt.interrupt(130);
          after(
              Duration.ofSeconds(5),
              () -> {
                assertThat(workers.isDone()).as("ended before its answers came").isFalse();
                assertThat(workers.ask()).as("given out after the end").isEqualTo(Nothing.FINISHED);
                assertThat(workers.driver.committed(claimed.split(), LedRun.part())).isTrue();
                workers.end();
              });
        });

    End end = ended();

    assertThat(end.exitCode()).isEqualTo(130);
    assertThat(started.get(0).isCancelled()).isFalse();
    assertThat(run.ledger.committedSplits()).isEqualTo(1);
    assertThat(stage.seconds()).isEqualTo(6.0);
  }

  @Test
  void whatIsUnderWayIsWaitedForNoLongerThanTheUserAllows() {
    script.add(
        workers -> {
          workers.claim();
          run.interrupt.interrupt(130);
        });

    ended();

    assertThat(started.get(0).cancels).isEqualTo(1);
    assertThat(stage.seconds()).isBetween(1.0 + DRAIN.toSeconds(), 1.5 + DRAIN.toSeconds());
  }

  @Test
  void workersThatNeverBeganAreNotWaitedFor() {
    script.add(workers -> {});
    after(Duration.ofSeconds(3), () -> run.interrupt.interrupt(130));

    ended();

    assertThat(started.get(0).cancels).isEqualTo(1);
    assertThat(stage.seconds()).isLessThan(3.5);
  }

  @Test
  void anInterruptOfTheThreadEndsTheRunAndIsGivenBack() {
    script.add(workers -> Thread.currentThread().interrupt());

    End end = ended();

    assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(Thread.interrupted()).as("while there is something to save").isFalse();
    run.interrupt.restoreInterrupt();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anEndThatIsThereBeforeStartsNoWorker() {
    run.interrupt.interrupt(130);

    assertThat(send()).isNotNull();
    assertThat(started).isEmpty();
  }

  @Test
  void openRowsOfACancelledJobAreSettledBySecondWorkers() {
    script.add(
        workers -> {
          run.cancelled.set(true);
          workers.claim();
          after(Duration.ofSeconds(2), workers::end);
        });
    script.add(
        workers -> {
          SplitClaim claimed = workers.claim();
          assertThat(claimed.closing()).contains(ErrorCode.BATCH_CANCELLED);
          workers.driver.committed(claimed.split(), LedRun.part());
          workers.publishAll();
          workers.end();
        });

    End end = ended();

    assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
    assertThat(run.ledger.isComplete()).isTrue();
    assertThat(stage.seconds()).as("without the time of closing").isEqualTo(3.0);
  }

  @Test
  void anInterruptOfTheClosingLeavesTheRowsToALaterRun() {
    script.add(
        workers -> {
          run.cancelled.set(true);
          workers.end();
        });
    script.add(workers -> run.interrupt.interrupt(143));

    End end = ended();

    assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(end.exitCode()).isEqualTo(143);
    assertThat(started.get(1).cancels).as("after the time for a drain").isEqualTo(1);
  }

  @Test
  void aJobThatIsCompleteWhenItIsInterruptedIsComplete() {
    script.add(
        workers -> {
          run.interrupt.interrupt(130);
          SplitClaim first = workers.claim();
          SplitClaim second = workers.claim();
          SplitClaim third = workers.claim();
          after(
              Duration.ofSeconds(2),
              () -> {
                for (SplitClaim one : List.of(first, second, third)) {
                  workers.driver.committed(one.split(), LedRun.part());
                }
                workers.end();
              });
        });

    assertThat(send()).isNull();
  }

  @Test
  void theCapSaysWhatIsSpentOnceTheAnswersUnderWayHaveCome() {
    lead(new LedRun(Map.of("max-total-tokens", "100")));
    script.add(
        workers -> {
          workers.claim();
          workers.report(1, 0, new Usage(100, 0));
          after(
              Duration.ofSeconds(2),
              () -> {
                workers.report(2, 0, new Usage(150, 0));
                workers.end();
              });
        });

    End end = ended();

    assertThat(end.status()).isEqualTo(JobStatus.OUT_OF_BUDGET);
    assertThat(end.message()).contains("150 tokens are used");
  }

  @Test
  void nobodyGoesOnUnwatchedWhateverIsThrownHere() {
    script.add(
        workers -> {
          throw new IllegalStateException("a timer's task");
        });

    assertThatThrownBy(this::send).hasMessage("a timer's task");

    assertThat(started.get(0).isCancelled()).isTrue();
    assertThat(started.get(0).ask()).isEqualTo(Nothing.FINISHED);
  }

  @Test
  void theListenerHearsOfAllRunsTogether() {
    run.recorder.resumed(300);
    run.recorder.counted(
        new Counts(
            new RowCounts(290, 10),
            new Spent(320, 0, new Usage(30, 20)),
            new TreeMap<>(Map.of("http_400", 10L))),
        0);
    script.add(
        workers -> {
          workers.driver.quota(
              LedRun.report(
                  workers.session,
                  StatusMeaning.ANSWERED,
                  40,
                  "",
                  LedRun.settled(50, 10, new Usage(5, 2).at(Cost.UNKNOWN))));
          after(
              Duration.ofSeconds(1),
              () -> {
                workers.publishAll();
                workers.end();
              });
        });

    assertThat(send()).isNull();

    RunProgress last = run.progress.get(run.progress.size() - 1);
    assertThat(last.total()).isEqualTo(LedRun.SPLITS * LedRun.LINES);
    assertThat(last.rows()).isEqualTo(new RowCounts(330, 20));
    assertThat(last.answers().usage().promptTokens()).isEqualTo(35);
    assertThat(last.answers().usage().completionTokens()).isEqualTo(22);
    assertThat(last.errors()).isEqualTo(Map.of("http_400", 20L));
    assertThat(last.elapsed()).isEqualTo(Duration.ofSeconds(2));
    assertThat(last.answers().cost()).as("of models without a price").isNull();
  }

  @Test
  void whatTheWorkersHaveToSayIsSaidOnce() {
    script.add(
        workers -> {
          workers.say("disk is slow");
          workers.say("disk is slow");
          after(
              Duration.ofSeconds(1),
              () -> {
                workers.publishAll();
                workers.end();
              });
        });

    assertThat(send()).isNull();
    assertThat(run.notices).containsExactly("disk is slow");
  }

  private JobRecord record() {
    return run.stored.folder.readRecord().orElseThrow();
  }

  @Test
  void otherMachinesSeeEveryFiveSecondsHowFarTheJobIs() {
    script.add(
        workers -> {
          workers.claim();
          workers.report(50, 10, new Usage(5, 2));
          after(
              Duration.ofMillis(3_900), () -> assertThat(run.stored.folder.readRecord()).isEmpty());
          after(
              Duration.ofMillis(4_200),
              () -> {
                assertThat(record().status()).isEqualTo(JobStatus.RUNNING);
                assertThat(record().counts().settled()).isEqualTo(50);
                assertThat(record().counts().failed()).isEqualTo(10);
                assertThat(record().counts().attempts()).isEqualTo(50);
                run.ownership.beat();
                workers.report(60, 10, new Usage(5, 2));
              });
          after(
              Duration.ofMillis(9_300),
              () -> {
                assertThat(record().counts().settled()).isEqualTo(60);
              });
          // Ten seconds after its last beat the run cannot know whether the output is still its
          // own.
          after(Duration.ofMillis(14_500), () -> workers.report(70, 10, new Usage(5, 2)));
          after(
              Duration.ofSeconds(20),
              () -> {
                assertThat(record().counts().settled())
                    .as("written without the right")
                    .isEqualTo(60);
                workers.end();
                run.interrupt.interrupt(130);
              });
        });

    assertThat(send()).isNotNull();
  }

  @Test
  void theRecordOfALiveRunHasWhatOnlyPublishedPartsTell() {
    MarkCounts marks = new MarkCounts(3, 4, 5);
    Spent spent = new Spent(LedRun.LINES + 2, 2, new Usage(7, 3));
    Counts published = new Counts(new RowCounts(LedRun.LINES, 0), spent, marks, new TreeMap<>());
    script.add(
        workers -> {
          SplitClaim claimed = workers.claim();
          workers.report(LedRun.LINES, 0, new Usage(7, 3));
          workers.driver.committed(claimed.split(), new PartCounts(published, 0, 100, 0));
          after(
              Duration.ofSeconds(5),
              () -> {
                assertThat(record().counts().mayHaveRun()).isEqualTo(2);
                assertThat(record().counts().marks()).isEqualTo(marks);
                assertThat(record().counts().succeeded()).isEqualTo(LedRun.LINES);
                workers.end();
                run.interrupt.interrupt(130);
              });
        });

    assertThat(send()).isNotNull();
  }

  @Test
  void aRecordThatCannotBeWrittenIsToldAndEndsNothing() {
    script.add(
        workers -> {
          run.files.before(
              operation -> {
                if (operation.contains("job.json")) {
                  throw new StorageException("away for a moment", new IOException("away"));
                }
              });
          after(
              Duration.ofSeconds(5),
              () -> {
                workers.publishAll();
                workers.end();
              });
        });

    assertThat(send()).isNull();
    assertThat(run.notices).containsExactly("away for a moment: away.");
  }
}
