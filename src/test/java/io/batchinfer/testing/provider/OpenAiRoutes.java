package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Batches as OpenAI has them. */
final class OpenAiRoutes implements BatchRoutes {
  private final ProviderStore store;

  OpenAiRoutes(ProviderStore store) {
    this.store = store;
  }

  @Override
  public String path() {
    return "v1/batches";
  }

  @Override
  public ProviderReply create(ObjectNode body) {
    return ProviderReply.json(200, show(store.create(OrderReader.openAi(body))));
  }

  @Override
  public ProviderReply list(ProviderCall call) {
    List<JsonNode> shown = new ArrayList<>();
    store.listedBatches().forEach(batch -> shown.add(show(batch)));
    Collections.reverse(shown);
    return ProviderReply.json(200, Pages.byCursor(call, shown, 100));
  }

  @Override
  public ProviderReply cancel(ProviderBatch batch) {
    if (batch.status().isOver() && batch.status() != BatchStatus.CANCELLED) {
      throw new ProviderRefusal(
          409, "", "", "Cannot cancel a batch with status '" + batch.status().openAi() + "'.");
    }
    batch.cancel();
    return ProviderReply.json(200, show(batch));
  }

  @Override
  public JsonNode show(ProviderBatch batch) {
    ObjectNode shown = Json.object().put("id", batch.id()).put("object", "batch");
    shown.put("endpoint", batch.order().endpoint());
    shown.set("errors", errors(batch));
    shown.put("input_file_id", batch.order().inputFiles().get(0));
    shown.put("completion_window", "24h").put("status", batch.status().openAi());
    StoredFile output = batch.output();
    StoredFile errors = batch.errorOutput();
    shown.put("output_file_id", output == null ? null : output.id());
    shown.put("error_file_id", errors == null ? null : errors.id());
    shown.put("created_at", batch.created() / 1000);
    shown.put("expires_at", batch.created() / 1000 + 86_400);
    for (BatchStatus status : BatchStatus.values()) {
      if (status != BatchStatus.VALIDATING) {
        Long at = batch.wasEver(status) ? batch.enteredAt(status) / 1000 : null;
        shown.put(status.openAi() + "_at", at);
      }
    }
    shown
        .putObject("request_counts")
        .put("total", batch.rows().size())
        .put("completed", batch.succeeded())
        .put("failed", batch.failed());
    ObjectNode metadata = shown.putObject("metadata");
    batch.order().metadata().forEach(metadata::put);
    return shown;
  }

  private static JsonNode errors(ProviderBatch batch) {
    if (batch.errors().isEmpty()) {
      return Json.object().nullNode();
    }
    ObjectNode list = Json.object().put("object", "list");
    ArrayNode data = list.putArray("data");
    for (LineError error : batch.errors()) {
      data.addObject()
          .put("code", error.code())
          .put("message", error.message())
          .put("param", error.param().isEmpty() ? null : error.param())
          .put("line", error.line() == 0 ? null : Integer.valueOf(error.line()));
    }
    return list;
  }
}
