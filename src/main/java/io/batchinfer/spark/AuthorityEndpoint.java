package io.batchinfer.spark;

import io.batchinfer.engine.Unexpected;
import io.batchinfer.quota.DriverPort;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.PartialFunction;
import scala.runtime.BoxedUnit;

/**
 * The run's authority as an endpoint of Spark's own transport: no port, plugin or network policy of
 * our own. Messages are byte arrays, since executors decode them where our classes are not visible.
 */
final class AuthorityEndpoint implements RpcEndpoint, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityEndpoint.class);

  private final RpcEnv rpcEnv;
  private final DriverPort authority;
  private final RpcEndpointRef reference;
  private final Consumer<Throwable> broke;

  /**
   * @param authority answers the messages
   * @param broke is told of an Error that a message met
   */
  AuthorityEndpoint(RpcEnv rpcEnv, String name, DriverPort authority, Consumer<Throwable> broke) {
    this.broke = broke;
    this.rpcEnv = rpcEnv;
    this.authority = authority;
    this.reference = rpcEnv.setupEndpoint(name, this);
  }

  @Override
  public RpcEnv rpcEnv() {
    return rpcEnv;
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
    return ScalaFunctions.answering(context, this::answer);
  }

  private void answer(byte[] message, RpcCallContext context) {
    try {
      CompletionStage<byte[]> unused =
          authority.ask(message).whenComplete((reply, failure) -> reply(context, reply, failure));
    } catch (Throwable thrown) {
      refuse(context, thrown);
    }
  }

  private void reply(RpcCallContext context, byte @Nullable [] reply, @Nullable Throwable failure) {
    if (reply == null) {
      refuse(
          context,
          failure == null
              ? new AssertionError("a message has no answer")
              : Unexpected.causeOf(failure));
      return;
    }
    try {
      context.reply(reply);
    } catch (Throwable thrown) {
      refuse(context, thrown);
    }
  }

  /** Without an answer the worker would wait for as long as Spark's transport does. */
  private void refuse(RpcCallContext context, Throwable cause) {
    if (cause instanceof Error) {
      broke.accept(cause);
    }
    try {
      context.sendFailure(new IllegalStateException(String.valueOf(cause)));
    } catch (Throwable unsent) {
      cause.addSuppressed(unsent);
    }
    if (!(cause instanceof Error)) {
      LOG.warn("A worker's message was not handled: {}", Unexpected.words(cause));
    }
  }

  @Override
  public void close() {
    rpcEnv.stop(reference);
  }
}
