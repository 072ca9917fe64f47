package io.batchinfer.engine.server;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import io.batchinfer.time.SystemTime;
import io.batchinfer.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The use of a model's server on this machine, in a process of its own. Thread-safe. */
public final class Engine implements EngineUse, AutoCloseable {
  private static final WarmServers<ModelServer> WARM =
      new WarmServers<>(
          new SystemTime("batchinfer-warm-engines"),
          task -> {
            Thread thread = new Thread(task, "batchinfer-engine-end");
            thread.setDaemon(true);
            thread.start();
          });

  private final EngineSettings settings;
  private final ModelServer server;
  private final Time time;
  private final Predicate<? super Engine> told;
  private final UnaryOperator<String> mask;
  private final EngineLog log;
  private final EngineBook book;
  private final CountDownLatch decided = new CountDownLatch(1);
  private final AtomicInteger underWay = new AtomicInteger();

  /** Requests without an answer since it was last ready. */
  private final AtomicLong lost = new AtomicLong();

  private volatile long answeredAt;

  /** Whether the run is done with it, and the server another's or nobody's. */
  private volatile boolean over;

  private Engine(
      EngineSettings settings, ModelServer server, Time time, Predicate<? super Engine> told) {
    this.settings = settings;
    this.server = server;
    this.time = time;
    this.told = told;
    this.mask = server.masking(settings.mask());
    this.log = new EngineLog(mask);
    this.book = new EngineBook(settings.name(), settings.gpus(), time, settings.clock().instant());
    this.answeredAt = time.nanos();
  }

  /**
   * Begins to start one; what earlier JVMs left on this machine is ended first.
   *
   * @param told is told whenever its state changes, and while it is looked at; says whether the
   *     engine is still wanted, without which one that is not ready is ended. Called on its thread;
   *     must not throw
   */
  public static Engine start(EngineSettings settings, Time time, Predicate<? super Engine> told) {
    return start(settings, time, told, Engine::freePort);
  }

  /** As above, on ports from elsewhere. */
  static Engine start(
      EngineSettings settings, Time time, Predicate<? super Engine> told, IntSupplier ports) {
    ModelServer server = new ModelServer(settings, time, ports);
    Engine engine = new Engine(settings, server, time, told);
    server.start(engine);
    return engine;
  }

  /**
   * Takes over one of that kind that an earlier run has {@linkplain #leave left}, if there is one;
   * otherwise starts one, after those that were left and may hold its GPUs are ended.
   */
  public static Engine takeOrStart(
      EngineKind kind, EngineSettings settings, Time time, Predicate<? super Engine> told) {
    Optional<ModelServer> kept = WARM.take(kind);
    if (kept.isPresent()) {
      Engine engine = new Engine(settings, kept.get(), time, told);
      if (kept.get().use(engine)) {
        engine.tell();
        engine.decided();
        return engine;
      }
      kept.get().close();
    }
    WARM.makeRoom(settings.gpus());
    return start(settings, time, told);
  }

  /** Ends all that were left in this process, and returns when they are gone. */
  public static void endIdle() {
    WARM.endAll();
  }

  @Override
  public void leave(EngineKind kind, Duration idle) {
    if (idle.isZero() || !server.idle()) {
      close();
      return;
    }
    book.down();
    change(State.ENDED, "");
    tell();
    over = true;
    log.close();
    WARM.keep(kind, server, idle);
  }

  @Override
  public boolean awaitReady() throws InterruptedException {
    decided.await();
    return figures().state() == State.READY;
  }

  @Override
  public Optional<URI> address() {
    return over ? Optional.empty() : server.address();
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public void sent() {
    underWay.incrementAndGet();
  }

  @Override
  public void ended(boolean answered) {
    if (answered) {
      heard();
    } else {
      lost.incrementAndGet();
    }
    underWay.decrementAndGet();
  }

  @Override
  public void served(long written) {
    book.served(written);
  }

  @Override
  public List<String> lastLines() {
    return log.lastLines();
  }

  @Override
  public byte[] printed() {
    return log.bytes();
  }

  @Override
  public long printedBytes() {
    return log.size();
  }

  @Override
  public EngineFigures figures() {
    return book.figures();
  }

  EngineBook book() {
    return book;
  }

  EngineLog log() {
    return log;
  }

  EngineProbe probe() {
    return settings.probe();
  }

  /** It has answered something, a request or a question for its health. */
  void heard() {
    answeredAt = time.nanos();
  }

  /** Its process answers, for the first time or again. */
  void ready() {
    heard();
    lost.set(0);
    book.ready();
  }

  /** Whether it answers or never will: nobody has to wait any more. */
  void decided() {
    decided.countDown();
  }

  /** How long it has answered nothing. */
  Duration silence() {
    return Duration.ofNanos(time.nanos() - answeredAt);
  }

  /** Whether rows are under way, or were lost since it was last ready. */
  boolean hasUnanswered() {
    return underWay.get() > 0 || lost.get() > 0;
  }

  /** It is the same engine's name, and another one. */
  void beginAnew() {
    book.beginAnew(settings.clock().instant());
  }

  /** It was there before the run. */
  void takenOver(Duration idle) {
    heard();
    book.takenOver(idle);
    log.add("batchinfer: was kept warm for %d s".formatted(idle.toSeconds()));
  }

  void change(State to, String why) {
    if (!over) {
      book.is(to, mask.apply(why));
    }
  }

  /**
   * Tells the run how it is.
   *
   * @return whether the run still wants it
   */
  boolean tell() {
    return !over && told.test(this);
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
    if (!over) {
      server.close();
    }
  }
}
