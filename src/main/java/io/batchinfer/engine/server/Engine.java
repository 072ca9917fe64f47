package io.batchinfer.engine.server;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's server on this machine, kept going: started on a free port, awaited, started again when
 * it dies or hangs, given up when that does not help, and ended with all that it started. A thread
 * of its own does so; everything else may be called from any thread.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  /** Deaths in a row that it can only have died of itself, or before it ever answered a row. */
  private static final int MOST_RESTARTS = 3;

  /** Deaths in a row with rows under way, which may have been what it died of. */
  private static final int MOST_RESTARTS_WITH_ROWS = 12;

  private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

  /** Between two looks at an engine that is starting. */
  private static final Duration START_LOOK = Duration.ofMillis(250);

  private static final String HOST = "127.0.0.1";

  private final EngineSettings settings;
  private final Time time;
  private final Predicate<Engine> told;
  private final IntSupplier ports;
  private final EngineLog log;
  private final Thread thread;
  private final EngineBook book;
  private final CountDownLatch decided = new CountDownLatch(1);
  private final AtomicInteger underWay = new AtomicInteger();

  /** Requests without an answer since it was last ready. */
  private final AtomicLong lost = new AtomicLong();

  private volatile long answeredAt;
  private volatile @Nullable URI address;
  private volatile @Nullable EngineProcess current;
  private volatile boolean closing;

  /** What it has in common with other processes; only its thread uses it. */
  private @Nullable SharedEngine shared;

  private Engine(EngineSettings settings, Time time, Predicate<Engine> told, IntSupplier ports) {
    this.ports = ports;
    this.settings = settings;
    this.time = time;
    this.told = told;
    this.log = new EngineLog(settings.mask());
    this.book = new EngineBook(settings.name(), settings.gpus(), time, settings.clock().instant());
    this.answeredAt = time.nanos();
    this.thread = new Thread(this::run, "batchinfer-engine");
    thread.setDaemon(true);
  }

  /**
   * Begins to start one; what earlier JVMs left on this machine is ended first.
   *
   * @param told is told whenever its state changes, and while it is looked at; says whether the
   *     engine is still wanted, without which one that is not ready is ended. Called on its thread;
   *     must not throw
   */
  public static Engine start(EngineSettings settings, Time time, Predicate<Engine> told) {
    return start(settings, time, told, Engine::freePort);
  }

  /** As above, on ports from elsewhere. */
  static Engine start(
      EngineSettings settings, Time time, Predicate<Engine> told, IntSupplier ports) {
    Engine engine = new Engine(settings, time, told, ports);
    engine.thread.start();
    return engine;
  }

  /**
   * Waits until it answers for the first time, or never will.
   *
   * @return whether it answers
   */
  public boolean awaitReady() throws InterruptedException {
    decided.await();
    return figures().state() == State.READY;
  }

  /** Where it answers now; empty while it does not. */
  public Optional<URI> address() {
    return Optional.ofNullable(address);
  }

  public String name() {
    return settings.name();
  }

  /** A request was sent to it. */
  public void sent() {
    underWay.incrementAndGet();
  }

  /**
   * A request that was sent has come to its end.
   *
   * @param answered whether it was answered, with whatever status
   */
  public void ended(boolean answered) {
    if (answered) {
      answeredAt = time.nanos();
    } else {
      lost.incrementAndGet();
    }
    underWay.decrementAndGet();
  }

  /**
   * A row was answered with success.
   *
   * @param written tokens that it wrote
   */
  public void served(long written) {
    book.served(written);
  }

  /** The last lines that it printed, without secrets. */
  public List<String> lastLines() {
    return log.lastLines();
  }

  /** All that is kept of what it printed, without secrets. */
  public byte[] printed() {
    return log.bytes();
  }

  /** Bytes that it has printed. */
  public long printedBytes() {
    return log.size();
  }

  public EngineFigures figures() {
    return book.figures();
  }

  private void run() {
    try {
      askWhetherWanted();
      int swept = EngineMark.sweep();
      if (swept > 0) {
        log.add("batchinfer: ended " + swept + " processes that a process that is gone had left");
      }
      keep();
    } catch (InterruptedException e) {
      change(State.ENDED, "");
    } catch (RuntimeException | Error e) {
      LOG.error("The engine can no longer be watched", e);
      change(State.GIVEN_UP, "it can no longer be watched: " + e);
    } finally {
      address = null;
      decided.countDown();
    }
  }

  /**
   * With the lock in hand where others share the engine: until then it is another process's to
   * keep, and this one uses it.
   */
  private void keep() throws InterruptedException {
    Optional<Path> folder = settings.sharedIn();
    if (folder.isEmpty()) {
      supervise();
      return;
    }
    try (SharedEngine common = SharedEngine.open(folder.get())) {
      if (useUntilKeptHere(common)) {
        supervise();
      }
    } catch (IOException e) {
      if (closing) {
        throw new InterruptedException();
      }
      change(State.GIVEN_UP, "what its processes share cannot be used: " + e);
    } finally {
      shared = null;
    }
  }

  /**
   * Uses what another process keeps.
   *
   * @return whether it is this one's to keep now; otherwise it was given up
   */
  private boolean useUntilKeptHere(SharedEngine common) throws IOException, InterruptedException {
    long toldAt = time.nanos();
    while (!common.isKeptHere()) {
      State before = book.state();
      Optional<SharedEngine.Note> note = common.read();
      if (note.isPresent() && !mirror(note.get())) {
        return false;
      }
      boolean due = time.nanos() - toldAt > settings.patience().look().toNanos();
      if (book.state() != before || due) {
        toldAt = time.nanos();
        tell();
      }
      if (closing) {
        throw new InterruptedException();
      }
      if (book.state() != State.READY) {
        askWhetherWanted();
      }
      time.pause(START_LOOK);
    }
    address = null;
    Optional<SharedEngine.Note> last = common.read();
    if (last.isPresent() && last.get().figures().state() == State.GIVEN_UP) {
      return mirror(last.get());
    }
    askWhetherWanted();
    shared = common;
    if (last.isPresent()) {
      book.beginAnew(settings.clock().instant());
      change(State.STARTING, "the process that kept it is gone");
    }
    return true;
  }

  /** Takes over what its keeper says of it; whether it may still come. */
  private boolean mirror(SharedEngine.Note note) {
    address = note.address().orElse(null);
    book.mirror(note.figures());
    State state = note.figures().state();
    if (state == State.READY) {
      decided.countDown();
    }
    if (state == State.GIVEN_UP) {
      tell();
    }
    return state != State.GIVEN_UP;
  }

  private void supervise() throws InterruptedException {
    int deaths = 0;
    long deadline = time.nanos() + settings.patience().ready().toNanos();
    while (true) {
      long answersBefore = book.answers();
      Life life = live(deadline);
      deaths = book.answers() > answersBefore ? 1 : deaths + 1;
      if (deaths > mostDeaths(life) || (time.nanos() >= deadline && !life.wasReady())) {
        change(State.GIVEN_UP, life.end());
        return;
      }
      change(State.STARTING, life.end());
      log.add("batchinfer: " + life.end() + "; it is started again");
      if (life.wasReady()) {
        deadline = time.nanos() + settings.patience().ready().toNanos();
      }
      book.restarted();
      time.pause(backOff(deaths));
      if (closing) {
        throw new InterruptedException();
      }
    }
  }

  private int mostDeaths(Life last) {
    boolean hasAnswered = book.answers() > 0 || settings.sharedIn().isPresent();
    return last.withRows() && hasAnswered ? MOST_RESTARTS_WITH_ROWS : MOST_RESTARTS;
  }

  /** Nobody waits for an engine of a run that has ended meanwhile. */
  private void askWhetherWanted() throws InterruptedException {
    if (closing || !told.test(this)) {
      throw new InterruptedException();
    }
  }

  private Duration backOff(int deaths) {
    Duration wanted = settings.patience().backOff().multipliedBy(1L << Math.min(deaths - 1, 10));
    return wanted.compareTo(LONGEST_BACK_OFF) < 0 ? wanted : LONGEST_BACK_OFF;
  }

  /**
   * From a start to an end.
   *
   * @param end how it ended, in words
   * @param wasReady whether it answered
   * @param withRows whether rows were under way at its end, or lost before it
   */
  private record Life(String end, boolean wasReady, boolean withRows) {}

  private Life live(long deadline) throws InterruptedException {
    int port = ports.getAsInt();
    URI root = URI.create("http://" + HOST + ":" + port);
    log.add("batchinfer: starts it on port " + port);
    EngineProcess process;
    try {
      process =
          EngineProcess.start(
              settings.command().apply(port),
              settings.environment(),
              settings.patience().grace(),
              log,
              time);
    } catch (IOException e) {
      return new Life("it cannot be started: " + e.getMessage(), false, false);
    }
    current = process;
    try (process) {
      book.up();
      if (closing) {
        throw new InterruptedException();
      }
      String failure = awaitReady(process, root, deadline);
      if (!failure.isEmpty()) {
        return new Life(failure, false, false);
      }
      answeredAt = time.nanos();
      lost.set(0);
      address = root;
      book.ready();
      tell();
      decided.countDown();
      String end = watch(process, root);
      // Their connections break before its end is seen; of those who share it nothing is known.
      boolean withRows = underWay.get() > 0 || lost.get() > 0 || settings.sharedIn().isPresent();
      address = null;
      return new Life(end, true, withRows);
    } finally {
      address = null;
      process.close();
      book.down();
    }
  }

  /** Why it will not be ready, or empty once it is. */
  private String awaitReady(EngineProcess process, URI root, long deadline)
      throws InterruptedException {
    String last = "";
    while (time.nanos() < deadline) {
      if (process.hasEndedWithin(START_LOOK)) {
        return process.end();
      }
      if (process.isPortAnothers(root.getPort())) {
        return "its port %d was taken by another process meanwhile".formatted(root.getPort());
      }
      EngineProbe.Finding found =
          settings.probe().ready(root, Duration.ofNanos(deadline - time.nanos()));
      // Another's server that has just come would answer just as well.
      boolean own = process.isAlive() && !process.isPortAnothers(root.getPort());
      if (found.well() && own) {
        return "";
      }
      // What was cut short by the deadline says nothing.
      last = time.nanos() < deadline || last.isEmpty() ? found.words() : last;
      if (closing) {
        throw new InterruptedException();
      }
      askWhetherWanted();
    }
    return "it was not ready within %s%s"
        .formatted(
            settings.patience().ready(), last.isEmpty() ? "" : "; the last that was seen: " + last);
  }

  /** Returns how it ended once it has died, or answers nothing any more. */
  private String watch(EngineProcess process, URI root) throws InterruptedException {
    String last = "";
    while (!process.hasEndedWithin(settings.patience().look())) {
      EngineProbe.Finding found = settings.probe().health(root);
      if (found.well()) {
        answeredAt = time.nanos();
      } else {
        last = found.words();
      }
      if (closing) {
        throw new InterruptedException();
      }
      long silent = time.nanos() - answeredAt;
      if (silent > settings.patience().hung().toNanos()) {
        return "it has answered nothing for %d s (%s)"
            .formatted(Duration.ofNanos(silent).toSeconds(), last);
      }
      boolean unused = told.test(this);
    }
    return process.end();
  }

  private void change(State to, String why) {
    book.is(to, settings.mask().apply(why));
    tell();
  }

  /** Tells everybody who wants to know how it is. */
  private void tell() {
    SharedEngine common = shared;
    if (common != null) {
      try {
        common.write(new SharedEngine.Note(figures(), address()));
      } catch (IOException e) {
        LOG.warn("{} cannot be told to those who share it", settings.name(), e);
      }
    }
    boolean unused = told.test(this);
  }

  /** A port of this machine on which nothing listens at the moment. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it, with all that it started, and returns when nothing of it is left. */
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    EngineProcess process = current;
    if (process != null) {
      // The thread may wait for an answer of it.
      process.close();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
