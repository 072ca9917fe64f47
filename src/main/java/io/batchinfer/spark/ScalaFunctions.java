package io.batchinfer.spark;

import java.util.function.BiConsumer;
import org.apache.spark.rpc.RpcCallContext;
import scala.PartialFunction;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/** Java functions as the partial functions that Spark's transport wants. */
final class ScalaFunctions {
  private ScalaFunctions() {}

  static PartialFunction<Object, BoxedUnit> answering(
      RpcCallContext context, BiConsumer<byte[], RpcCallContext> answer) {
    return new AbstractPartialFunction<>() {
      @Override
      public boolean isDefinedAt(Object message) {
        return message instanceof byte[];
      }

      @Override
      public BoxedUnit apply(Object message) {
        answer.accept((byte[]) message, context);
        return BoxedUnit.UNIT;
      }
    };
  }
}
