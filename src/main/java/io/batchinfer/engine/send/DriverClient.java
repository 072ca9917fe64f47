package io.batchinfer.engine.send;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.PartCounts;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import java.util.concurrent.CompletionException;
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
   * @param process the name that its cluster manager knows it by
   */
  public RunSecrets secrets(String process) {
    return RunSecrets.decode(await(ask(new WorkerRequest.Hello(process))));
  }

  void trying(int split, int line) {
    await(ask(new WorkerRequest.Trying(split, line)));
  }

  public CompletionStage<QuotaReply> quota(QuotaRequest request) {
    return ask(new WorkerRequest.Quota(request.encode())).thenApply(DriverClient::decoded);
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
  public CompletionStage<ClaimAnswer> claim(String worker) {
    return ask(new WorkerRequest.Claim(worker)).thenApply(ClaimAnswer::decode);
  }

  public boolean mayCommit(int split) {
    return await(ask(new WorkerRequest.Commit(split)))[0] == 1;
  }

  /** Tells of a published split, and hears whether its entries are needed no more. */
  public boolean committed(int split, PartCounts part) {
    return await(ask(new WorkerRequest.Committed(split, part)))[0] == 1;
  }

  public void release(String worker) {
    await(giveBack(worker));
  }

  /** Gives a worker's splits back without waiting for an answer. */
  CompletionStage<byte[]> giveBack(String worker) {
    return ask(new WorkerRequest.Release(worker));
  }

  /** Tells the user something; lost where the driver cannot be reached. */
  void notice(String words) {
    CompletionStage<byte[]> unused = ask(new WorkerRequest.Notice(words));
  }

  /**
   * Tells how an engine is; lost where the driver cannot be reached.
   *
   * @return whether the run still has something to send; also where the driver does not answer
   */
  boolean engine(String process, EngineFigures figures) {
    try {
      return await(ask(new WorkerRequest.Engine(process, figures)))[0] == 1;
    } catch (CompletionException unheard) {
      // Whether the driver is gone for good, Spark tells this process.
      return true;
    }
  }

  /** Gives the process's slots back without waiting for an answer. */
  void leave() {
    CompletionStage<byte[]> unused = ask(new WorkerRequest.Leave());
  }

  private CompletionStage<byte[]> ask(WorkerRequest request) {
    return port.ask(new WorkerMessage(token, session, request).encode());
  }

  private static byte[] await(CompletionStage<byte[]> answer) {
    return answer.toCompletableFuture().join();
  }
}
