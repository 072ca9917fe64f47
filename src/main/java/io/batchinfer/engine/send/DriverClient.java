package io.batchinfer.engine.send;

import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerMessage.Kind;
import io.batchinfer.engine.WorkerMessage.SplitClaim;
import io.batchinfer.job.JobJson;
import io.batchinfer.model.PartCounts;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;

/** What a worker can ask its driver. */
public final class DriverClient {
  private final DriverPort port;
  private final String token;
  private final String session;

  public DriverClient(DriverPort port, String token, String session) {
    this.port = port;
    this.token = token;
    this.session = session;
  }

  /**
   * Tells the driver who is there, and asks for what only headers may carry.
   *
   * @param process the process's name with whoever started it
   */
  public RunSecrets secrets(String process) {
    byte[] name = process.getBytes(StandardCharsets.UTF_8);
    return RunSecrets.decode(await(ask(Kind.HELLO, "", -1, name)));
  }

  void trying(int split, int line) {
    byte[] payload = ByteBuffer.allocate(Integer.BYTES).putInt(line).array();
    await(ask(Kind.TRYING, "", split, payload));
  }

  public CompletionStage<QuotaReply> quota(QuotaRequest request) {
    return ask(Kind.QUOTA, "", -1, request.encode()).thenApply(DriverClient::decoded);
  }

  private static QuotaReply decoded(byte[] reply) {
    try {
      return QuotaReply.decode(reply);
    } catch (RuntimeException unreadable) {
      // It would not be readable the next time either.
      throw new AssertionError("the driver's answer to a question for the quota", unreadable);
    }
  }

  /** Asks for a split; the driver lets the question wait until there is one. */
  public CompletionStage<SplitClaim> claim(String worker) {
    return ask(Kind.CLAIM, worker, -1, WorkerMessage.NOTHING).thenApply(SplitClaim::decode);
  }

  public boolean mayCommit(int split) {
    return await(ask(Kind.COMMIT, "", split, WorkerMessage.NOTHING))[0] == 1;
  }

  /** Tells of a published split, and hears whether its entries are needed no more. */
  public boolean committed(int split, PartCounts part) {
    return await(ask(Kind.COMMITTED, "", split, JobJson.partCounts(part)))[0] == 1;
  }

  public void release(String worker) {
    await(giveBack(worker));
  }

  /** Gives a worker's splits back without waiting for an answer. */
  CompletionStage<byte[]> giveBack(String worker) {
    return ask(Kind.RELEASE, worker, -1, WorkerMessage.NOTHING);
  }

  /** Tells the user something; lost where the driver cannot be reached. */
  void notice(String words) {
    CompletionStage<byte[]> unused =
        ask(Kind.NOTICE, "", -1, words.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives the process's slots back without waiting for an answer. */
  void leave() {
    CompletionStage<byte[]> unused = ask(Kind.LEAVE, "", -1, WorkerMessage.NOTHING);
  }

  private CompletionStage<byte[]> ask(Kind kind, String worker, int split, byte[] payload) {
    return port.ask(new WorkerMessage(kind, token, session, worker, split, payload).encode());
  }

  private static byte[] await(CompletionStage<byte[]> answer) {
    return answer.toCompletableFuture().join();
  }
}
