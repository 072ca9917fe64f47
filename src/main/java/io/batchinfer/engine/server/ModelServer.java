package io.batchinfer.engine.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.time.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's server, kept going: started on a free port, awaited, started again when it dies or
 * hangs, given up when that does not help, and ended with all that it started. A thread of its own
 * does so, for the run that {@linkplain Engine uses it}; everything else may be called from any
 * thread.
 */
final class ModelServer implements WarmServers.Kept, ServerWatch.Keeper {
  private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);

  /** Deaths in a row that it can only have died of itself, or before it ever answered a row. */
  private static final int MOST_RESTARTS = 3;

  /** Deaths in a row with rows under way, which may have been what it died of. */
  private static final int MOST_RESTARTS_WITH_ROWS = 12;

  private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);

  /** For the one request that it has to answer. */
  private static final Duration LONGEST_TAKE_OVER = Duration.ofSeconds(10);

  private static final String HOST = "127.0.0.1";

  private final EngineSettings settings;
  private final Time time;
  private final IntSupplier ports;
  private volatile @Nullable URI address;
  private volatile @Nullable EngineProcess current;
  private volatile boolean closing;

  /** Set before its thread begins. */
  private volatile @Nullable Engine user;

  private volatile @Nullable Thread thread;

  /** Whether no run uses it, and since when. */
  @GuardedBy("this")
  private boolean idle;

  @GuardedBy("this")
  private long idleSince;

  @GuardedBy("this")
  private final Set<UnaryOperator<String>> masks = new LinkedHashSet<>();

  /** What it has in common with other processes; only its thread uses it. */
  private @Nullable SharedEngine shared;

  /**
   * @param time of which only the clock and pauses are needed, which have no end
   */
  ModelServer(EngineSettings settings, Time time, IntSupplier ports) {
    this.settings = settings;
    this.time = time;
    this.ports = ports;
  }

  /** Takes out what that mask does and those of all runs before, whose secrets it knows as well. */
  synchronized UnaryOperator<String> masking(UnaryOperator<String> mask) {
    masks.add(mask);
    List<UnaryOperator<String>> all = List.copyOf(masks);
    return line -> {
      String masked = line;
      for (UnaryOperator<String> one : all) {
        masked = one.apply(masked);
      }
      return masked;
    };
  }

  /** Begins, for that run. */
  void start(Engine first) {
    user = first;
    Thread started = new Thread(this::run, "batchinfer-engine");
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  @Override
  public Engine user() {
    return Objects.requireNonNull(user);
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public boolean isThere() {
    return address != null;
  }

  /**
   * The run that uses it is done with it.
   *
   * @return whether it can wait for another one. Not where it is away, where rows of the run got no
   *     answer, since it may still be at work on them, and not where processes share it
   */
  synchronized boolean idle() {
    if (closing || address == null || settings.sharedIn().isPresent() || user().hasUnanswered()) {
      return false;
    }
    idle = true;
    idleSince = time.nanos();
    return true;
  }

  /**
   * Another run takes it over.
   *
   * @return false where it turns out not to be well, and has to be closed
   */
  boolean use(Engine next) {
    URI root = address;
    if (root == null || !next.probe().ready(root, LONGEST_TAKE_OVER).well()) {
      return false;
    }
    synchronized (this) {
      EngineProcess process = current;
      if (!idle || address == null || process == null) {
        return false;
      }
      idle = false;
      process.printFor(next.log());
      next.takenOver(Duration.ofNanos(time.nanos() - idleSince));
      user = next;
    }
    return true;
  }

  /** One that died while nobody used it is not started again for nobody. */
  private synchronized void endIfIdle() throws InterruptedException {
    if (idle) {
      throw new InterruptedException();
    }
  }

  /** Where it answers now; empty while it does not. */
  Optional<URI> address() {
    return Optional.ofNullable(address);
  }

  private void run() {
    try {
      askWhetherWanted();
      int swept = EngineMark.sweep();
      if (swept > 0) {
        user()
            .log()
            .add("batchinfer: ended " + swept + " processes that a process that is gone had left");
      }
      keep();
    } catch (InterruptedException e) {
      change(State.ENDED, "");
    } catch (RuntimeException | Error e) {
      LOG.error("The engine can no longer be watched", e);
      change(State.GIVEN_UP, "it can no longer be watched: " + e);
    } finally {
      address = null;
      user().decided();
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
      State before = user().book().state();
      Optional<SharedEngine.Note> note = common.read();
      if (note.isPresent() && !mirror(note.get())) {
        return false;
      }
      boolean due = time.nanos() - toldAt > settings.patience().look().toNanos();
      if (user().book().state() != before || due) {
        toldAt = time.nanos();
        tell();
      }
      if (closing) {
        throw new InterruptedException();
      }
      if (user().book().state() != State.READY) {
        askWhetherWanted();
      }
      time.pause(ServerWatch.START_LOOK);
    }
    address = null;
    Optional<SharedEngine.Note> last = common.read();
    if (last.isPresent() && last.get().figures().state() == State.GIVEN_UP) {
      return mirror(last.get());
    }
    askWhetherWanted();
    shared = common;
    if (last.isPresent()) {
      user().beginAnew();
      change(State.STARTING, "the process that kept it is gone");
    }
    return true;
  }

  /** Takes over what its keeper says of it; whether it may still come. */
  private boolean mirror(SharedEngine.Note note) {
    address = note.address().orElse(null);
    user().book().mirror(note.figures());
    State state = note.figures().state();
    if (state == State.READY) {
      user().decided();
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
      Engine before = user();
      long answersBefore = before.book().answers();
      Life life = live(deadline);
      endIfIdle();
      boolean answered = user() != before || before.book().answers() > answersBefore;
      deaths = answered ? 1 : deaths + 1;
      if (deaths > mostDeaths(life) || (time.nanos() >= deadline && !life.wasReady())) {
        change(State.GIVEN_UP, life.end());
        return;
      }
      change(State.STARTING, life.end());
      user().log().add("batchinfer: " + life.end() + "; it is started again");
      if (life.wasReady()) {
        deadline = time.nanos() + settings.patience().ready().toNanos();
      }
      user().book().restarted();
      time.pause(backOff(deaths));
      if (closing) {
        throw new InterruptedException();
      }
    }
  }

  private int mostDeaths(Life last) {
    boolean hasAnswered = user().book().answers() > 0 || settings.sharedIn().isPresent();
    return last.withRows() && hasAnswered ? MOST_RESTARTS_WITH_ROWS : MOST_RESTARTS;
  }

  /** Nobody waits for an engine of a run that has ended meanwhile. */
  private void askWhetherWanted() throws InterruptedException {
    if (closing || !user().tell()) {
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
    user().log().add("batchinfer: starts it on port " + port);
    EngineProcess process;
    try {
      process =
          EngineProcess.start(
              settings.command().apply(port),
              settings.environment(),
              settings.patience().grace(),
              user().log(),
              time);
    } catch (IOException e) {
      return new Life("it cannot be started: " + e.getMessage(), false, false);
    }
    current = process;
    try (process) {
      user().book().up();
      if (closing) {
        throw new InterruptedException();
      }
      ServerWatch watch = new ServerWatch(process, root, settings.patience(), this, time);
      String failure = watch.awaitReady(deadline);
      if (!failure.isEmpty()) {
        return new Life(failure, false, false);
      }
      user().ready();
      address = root;
      tell();
      user().decided();
      String end = watch.awaitEnd();
      // Their connections break before its end is seen; of those who share it nothing is known.
      boolean withRows = user().hasUnanswered() || settings.sharedIn().isPresent();
      address = null;
      return new Life(end, true, withRows);
    } finally {
      address = null;
      process.close();
      user().book().down();
    }
  }

  private void change(State to, String why) {
    user().change(to, why);
    tell();
  }

  /** Tells everybody who wants to know how it is. */
  private void tell() {
    SharedEngine common = shared;
    if (common != null) {
      try {
        common.write(new SharedEngine.Note(user().figures(), address()));
      } catch (IOException e) {
        LOG.warn("{} cannot be told to those who share it", settings.name(), e);
      }
    }
    boolean unused = user().tell();
  }

  /** Ends it, with all that it started, and returns when nothing of it is left. */
  @Override
  public void close() {
    closing = true;
    Thread watching = Objects.requireNonNull(thread);
    watching.interrupt();
    EngineProcess process = current;
    if (process != null) {
      // The thread may wait for an answer of it.
      process.close();
    }
    boolean interrupted = false;
    while (watching.isAlive()) {
      try {
        watching.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
