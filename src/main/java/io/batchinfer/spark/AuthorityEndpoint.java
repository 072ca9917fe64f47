package io.batchinfer.spark;

import io.batchinfer.engine.RunAuthority;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import scala.PartialFunction;
import scala.runtime.BoxedUnit;

/**
 * The run's authority as an endpoint of Spark's own transport: no port, plugin or network policy of
 * our own. Messages are byte arrays, since executors decode them where our classes are not visible.
 */
final class AuthorityEndpoint implements RpcEndpoint, AutoCloseable {
  private final RpcEnv rpcEnv;
  private final RunAuthority authority;
  private final RpcEndpointRef reference;

  AuthorityEndpoint(RpcEnv rpcEnv, String name, RunAuthority authority) {
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
                if (failure == null) {
                  context.reply(reply);
                } else {
                  context.sendFailure(new IllegalStateException(failure.toString()));
                }
              });
    } catch (RuntimeException e) {
      context.sendFailure(new IllegalStateException(e.toString()));
    }
  }

  @Override
  public void close() {
    rpcEnv.stop(reference);
  }
}
