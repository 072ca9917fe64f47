package io.batchinfer.simulation;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a server that gives each to one connection until that has been idle for five
 * seconds or had 100 requests; connections beyond its threads lie unread.
 */
final class ConnectionThreads {
  private static final long IDLE = 5 * SimulatedTime.SECOND;
  private static final int REQUESTS_PER_CONNECTION = 100;

  private final SimulatedTime time;
  private final ArrayDeque<Connection> lying = new ArrayDeque<>();
  private int free;

  ConnectionThreads(int threads, SimulatedTime time) {
    this.free = threads;
    this.time = time;
  }

  /** A connection as the server knows it. */
  static final class Connection {
    private int requests;
    private boolean owned;
    private boolean closed;
    private @Nullable Runnable unread;

    boolean isClosed() {
      return closed;
    }
  }

  /** A request arrives; it is read when its connection has a thread. */
  void request(Connection connection, Runnable read) {
    connection.requests++;
    if (connection.owned) {
      read.run();
    } else if (!connection.closed) {
      connection.unread = read;
      lying.add(connection);
      turnToNext();
    }
  }

  /** A request was answered. */
  void answered(Connection connection) {
    int requests = connection.requests;
    if (requests == REQUESTS_PER_CONNECTION) {
      close(connection);
    } else {
      time.after(
          IDLE,
          () -> {
            if (connection.requests == requests) {
              close(connection);
            }
          });
    }
  }

  void close(Connection connection) {
    if (!connection.closed) {
      connection.closed = true;
      lying.remove(connection);
      free += connection.owned ? 1 : 0;
      connection.owned = false;
      turnToNext();
    }
  }

  private void turnToNext() {
    while (free > 0 && !lying.isEmpty()) {
      Connection next = lying.remove();
      free--;
      next.owned = true;
      Runnable read = next.unread;
      next.unread = null;
      if (read != null) {
        read.run();
      }
    }
  }
}
