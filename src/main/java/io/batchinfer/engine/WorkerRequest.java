package io.batchinfer.engine;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.PartCounts;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What a worker asks its driver, or tells it: one record for each kind, with what it needs. */
public sealed interface WorkerRequest {
  /** The kinds, in the order of their numbers in messages. */
  enum Kind {
    HELLO,
    QUOTA,
    CLAIM,
    TRYING,
    COMMIT,
    COMMITTED,
    RELEASE,
    LEAVE,
    NOTICE,
    ENGINE
  }

  /**
   * Tells who is there and asks for the {@link RunSecrets}.
   *
   * @param process the name that its cluster manager knows it by
   */
  record Hello(String process) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.HELLO;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.hello(this);
    }
  }

  /**
   * Asks for permits.
   *
   * @param question what the quota's own code reads
   */
  record Quota(byte[] question) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.QUOTA;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.quota(this);
    }
  }

  /** Asks for a split; answered by a {@link ClaimAnswer}, when there is one or after a while. */
  record Claim(String worker) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.CLAIM;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.claim(this);
    }
  }

  /** Tells which line of a lonely split is read next. */
  record Trying(int split, int line) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.TRYING;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.trying(this);
    }
  }

  /** Asks whether the parts of a split may be published; answered by one byte. */
  record Commit(int split) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.COMMIT;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.commit(this);
    }
  }

  /** Reports that they are; answered by one byte: whether it counts. */
  record Committed(int split, PartCounts part) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.COMMITTED;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.committed(this);
    }
  }

  /** Gives a worker's splits back. */
  record Release(String worker) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.RELEASE;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.release(this);
    }
  }

  /** Reports that the process has nothing under way any more. */
  record Leave() implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.LEAVE;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.leave(this);
    }
  }

  /** Tells the user something in words; its answer says nothing. */
  record Notice(String words) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.NOTICE;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.notice(this);
    }
  }

  /**
   * Tells how an engine is; answered by one byte: whether the run still has something to send.
   *
   * @param process the name that the cluster manager knows the engine's process by
   */
  record Engine(String process, EngineFigures figures) implements WorkerRequest {
    @Override
    public Kind kind() {
      return Kind.ENGINE;
    }

    @Override
    public <T> T handledBy(Handler<T> handler) {
      return handler.engine(this);
    }
  }

  /** What takes requests, one method for each kind. */
  interface Handler<T> {
    T hello(Hello request);

    T quota(Quota request);

    T claim(Claim request);

    T trying(Trying request);

    T commit(Commit request);

    T committed(Committed request);

    T release(Release request);

    T leave(Leave request);

    T notice(Notice request);

    T engine(Engine request);
  }

  Kind kind();

  /** Hands the request to the method for its kind. */
  <T> T handledBy(Handler<T> handler);

  /** Writes what {@link #read} reads. */
  default void write(DataOutputStream out) throws IOException {
    WorkerRequestCodec.write(this, out);
  }

  /** Reads what {@link #write} wrote. */
  static WorkerRequest read(DataInputStream in) throws IOException {
    return WorkerRequestCodec.read(in);
  }
}
