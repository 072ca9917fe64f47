package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What one dialect does with batches. */
interface BatchRoutes {
  /** Where batches are created and listed, as a part of a URL. */
  String path();

  /** Begins a batch and shows it. */
  ProviderReply create(ObjectNode body);

  ProviderReply list(ProviderCall call);

  /** A batch that is over is shown or refused. */
  ProviderReply cancel(ProviderBatch batch);

  JsonNode show(ProviderBatch batch);
}
