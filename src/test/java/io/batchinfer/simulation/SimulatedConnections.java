package io.batchinfer.simulation;

import io.batchinfer.policy.SilentConnections;
import io.batchinfer.policy.SilentConnections.Silence;
import io.batchinfer.simulation.ConnectionThreads.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The connections of a process to one endpoint, kept and closed as the HTTP transport does it. */
final class SimulatedConnections {
  private static final Duration LOOK = Duration.ofMillis(50);

  private final ConnectionThreads server;
  private final ProcessTime time;
  private final SilentConnections silent = new SilentConnections();
  private final ArrayDeque<Kept> idle = new ArrayDeque<>();
  private boolean looking;

  SimulatedConnections(ConnectionThreads server, ProcessTime time) {
    this.server = server;
    this.time = time;
    silent.whenOwed(this::closeIdle);
  }

  /** A connection with one request at a time. */
  final class Kept {
    private final Connection connection = new Connection();
    private boolean heard;
    private boolean heardBefore;
    private long sentAt;
    private @Nullable Silence silence;

    Connection connection() {
      return connection;
    }

    boolean isSilent() {
      return !heard;
    }

    void answered() {
      heard = true;
      end();
      silent.answered(time.nanos() - sentAt, heardBefore);
      if (silent.makesWay(true, time.nanos())) {
        server.close(connection);
      } else if (!connection.isClosed()) {
        idle.addLast(this);
      }
    }

    void close() {
      end();
      server.close(connection);
    }

    private void end() {
      if (silence != null) {
        silent.end(silence);
        silence = null;
      }
    }
  }

  /** The connection for the next request: the one that became idle last, or a new one. */
  Kept take() {
    Kept kept = idle.pollLast();
    while (kept != null && kept.connection.isClosed()) {
      kept = idle.pollLast();
    }
    kept = kept == null ? new Kept() : kept;
    kept.sentAt = time.nanos();
    kept.heardBefore = kept.heard;
    if (!kept.heard) {
      kept.silence = silent.begin(time.nanos());
      look();
    }
    return kept;
  }

  private void look() {
    if (!looking) {
      looking = true;
      time.schedule(this::idleMakeWay, LOOK);
    }
  }

  private void idleMakeWay() {
    looking = false;
    closeIdle();
    if (!silent.none()) {
      look();
    }
  }

  private void closeIdle() {
    while (!idle.isEmpty() && silent.makesWay(false, time.nanos())) {
      server.close(idle.removeFirst().connection);
    }
  }

  SilentConnections silent() {
    return silent;
  }
}
