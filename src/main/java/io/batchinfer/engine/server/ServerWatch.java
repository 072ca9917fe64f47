package io.batchinfer.engine.server;

import io.batchinfer.time.Time;
import java.net.URI;
import java.time.Duration;

/**
 * Looks at one process of a model's server: until it is ready, then until it has ended. For the
 * thread that keeps the server.
 */
final class ServerWatch {
  /** Between two looks at a server that is starting. */
  static final Duration START_LOOK = Duration.ofMillis(250);

  private final EngineProcess process;
  private final URI root;
  private final EngineSettings.Patience patience;
  private final Keeper keeper;
  private final Time time;

  /** Who keeps the server. */
  interface Keeper {
    /** The run that uses it now. */
    Engine user();

    /** Whether it is to end. */
    boolean isClosing();
  }

  ServerWatch(
      EngineProcess process, URI root, EngineSettings.Patience patience, Keeper keeper, Time time) {
    this.process = process;
    this.root = root;
    this.patience = patience;
    this.keeper = keeper;
    this.time = time;
  }

  /**
   * Returns why it will not be ready, or nothing once it is.
   *
   * @throws InterruptedException where nobody wants it any more
   */
  String awaitReady(long deadline) throws InterruptedException {
    String last = "";
    while (time.nanos() < deadline) {
      if (process.hasEndedWithin(START_LOOK)) {
        return process.end();
      }
      if (process.isPortAnothers(root.getPort())) {
        return "its port %d was taken by another process meanwhile".formatted(root.getPort());
      }
      EngineProbe.Finding found =
          keeper.user().probe().ready(root, Duration.ofNanos(deadline - time.nanos()));
      // Another's server that has just come would answer just as well.
      boolean own = process.isAlive() && !process.isPortAnothers(root.getPort());
      if (found.well() && own) {
        return "";
      }
      // What was cut short by the deadline says nothing.
      last = time.nanos() < deadline || last.isEmpty() ? found.words() : last;
      endIfClosing();
      if (!keeper.user().tell()) {
        throw new InterruptedException();
      }
    }
    return "it was not ready within %s%s"
        .formatted(patience.ready(), last.isEmpty() ? "" : "; the last that was seen: " + last);
  }

  /**
   * Returns how it ended, once it has died or answers nothing any more.
   *
   * @throws InterruptedException where it is to end
   */
  String awaitEnd() throws InterruptedException {
    String last = "";
    while (!process.hasEndedWithin(patience.look())) {
      EngineProbe.Finding found = keeper.user().probe().health(root, patience.hung());
      if (found.well()) {
        keeper.user().heard();
      } else {
        last = found.words();
      }
      endIfClosing();
      Duration silence = keeper.user().silence();
      if (silence.compareTo(patience.hung()) > 0) {
        return "it has answered nothing for %d s (%s)".formatted(silence.toSeconds(), last);
      }
      boolean unused = keeper.user().tell();
    }
    return process.end();
  }

  private void endIfClosing() throws InterruptedException {
    if (keeper.isClosing()) {
      throw new InterruptedException();
    }
  }
}
