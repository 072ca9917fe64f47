package io.batchinfer.spark;

import io.batchinfer.quota.DriverPort;
import java.util.concurrent.CompletionStage;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.util.RpcUtils;
import scala.jdk.javaapi.FutureConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** The executor's end of Spark's own transport. */
final class RpcDriverPort implements DriverPort {
  private static final ClassTag<byte[]> BYTES = ClassTag$.MODULE$.apply(byte[].class);

  private final RpcEndpointRef driver;

  RpcDriverPort(String endpointName) {
    SparkEnv env = SparkEnv.get();
    this.driver = RpcUtils.makeDriverRef(endpointName, env.conf(), env.rpcEnv());
  }

  @Override
  public CompletionStage<byte[]> ask(byte[] message) {
    return FutureConverters.asJava(driver.<byte[]>ask(message, BYTES));
  }
}
