package io.batchinfer.spark;

import io.batchinfer.engine.Unexpected;
import io.batchinfer.engine.lead.RunAuthority;
import java.util.function.Consumer;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
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
  private final RunAuthority authority;
  private final RpcEndpointRef reference;
  private final Consumer<Throwable> broke;

  /**
   * @param broke hears of an Error that a message met
   */
  AuthorityEndpoint(RpcEnv rpcEnv, String name, RunAuthority authority, Consumer<Throwable> broke) {
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
      authority
          .answer(message)
          .whenComplete(
              (reply, failure) -> {
                if (reply != null) {
                  context.reply(reply);
                } else {
                  refuse(context, Unexpected.causeOf(failure));
                }
              });
    } catch (Throwable thrown) {
      refuse(context, thrown);
    }
  }

  /** Without an answer the worker would wait for as long as Spark's transport does. */
  private void refuse(RpcCallContext context, Throwable cause) {
    context.sendFailure(new IllegalStateException(String.valueOf(cause)));
    if (cause instanceof Error) {
      broke.accept(cause);
    } else {
      LOG.warn("A worker's message was not handled: {}", Unexpected.words(cause));
    }
  }

  @Override
  public void close() {
    rpcEnv.stop(reference);
  }
}
