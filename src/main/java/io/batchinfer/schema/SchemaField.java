package io.batchinfer.schema;

import java.util.Optional;

/**
 * What a request says of the schema that its answer is to fit.
 *
 * @param name field of the body
 * @param inner field of that field which holds it, where other things may stand beside it
 * @param value JSON on one line in ASCII; of the inner field where there is one
 */
public record SchemaField(String name, Optional<String> inner, byte[] value) {
  @Override
  public String toString() {
    return name + inner.map(field -> "." + field).orElse("");
  }
}
