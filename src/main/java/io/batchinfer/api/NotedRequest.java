package io.batchinfer.api;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.CreateRequest;

/** The create request that a command leaves in a store, in the form of Mistral's API. */
public final class NotedRequest {
  private NotedRequest() {}

  /**
   * Reads it.
   *
   * @throws BatchException {@link ErrorCode#USAGE} naming the first field that is wrong
   */
  public static CreateRequest read(byte[] body) {
    try {
      return new MistralCreate(EndpointPaths.KNOWN).read(body);
    } catch (ApiError e) {
      throw new BatchException(ErrorCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }
}
