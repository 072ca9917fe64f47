package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Batches as Mistral has them, which are jobs there. */
final class MistralRoutes implements BatchRoutes {
  /** Every other parameter of a list is a pair of the metadata. */
  private static final Set<String> PARAMETERS =
      Set.of(
          "page", "page_size", "model", "agent_id", "created_after", "created_by_me", "order_by");

  private final ProviderStore store;

  MistralRoutes(ProviderStore store) {
    this.store = store;
  }

  @Override
  public String path() {
    return "v1/batch/jobs";
  }

  @Override
  public ProviderReply create(ObjectNode body) {
    BatchOrder order = OrderReader.mistral(body);
    store.refuseCreation(order.inputFiles());
    return ProviderReply.json(200, show(store.create(order)));
  }

  @Override
  public ProviderReply list(ProviderCall call) {
    List<JsonNode> shown = new ArrayList<>();
    for (ProviderBatch batch : store.listedBatches()) {
      if (call.query().entrySet().stream().allMatch(parameter -> fits(batch, parameter))) {
        shown.add(show(batch));
      }
    }
    if (!"created".equals(call.query().get("order_by"))) {
      Collections.reverse(shown);
    }
    return ProviderReply.json(200, Pages.byNumber(call, shown));
  }

  private static boolean fits(ProviderBatch batch, Map.Entry<String, String> parameter) {
    if (parameter.getKey().equals("status")) {
      return batch.status().mistral().equals(parameter.getValue());
    }
    return PARAMETERS.contains(parameter.getKey())
        || parameter.getValue().equals(batch.order().metadata().get(parameter.getKey()));
  }

  @Override
  public ProviderReply cancel(ProviderBatch batch) {
    batch.cancel();
    return ProviderReply.json(200, show(batch));
  }

  @Override
  public JsonNode show(ProviderBatch batch) {
    ObjectNode shown = Json.object().put("id", batch.id()).put("object", "batch");
    ArrayNode inputs = shown.putArray("input_files");
    batch.order().inputFiles().forEach(inputs::add);
    ObjectNode metadata = shown.putObject("metadata");
    batch.order().metadata().forEach(metadata::put);
    shown.put("endpoint", batch.order().endpoint());
    shown.put("model", batch.order().model().isEmpty() ? null : batch.order().model());
    StoredFile output = batch.output();
    StoredFile errors = batch.errorOutput();
    shown.put("output_file", output == null ? null : output.id());
    shown.put("error_file", errors == null ? null : errors.id());
    ArrayNode messages = shown.putArray("errors");
    for (LineError error : batch.errors()) {
      String where = error.line() == 0 ? "" : "line " + error.line() + ": ";
      messages.addObject().put("message", where + error.message()).put("count", 1);
    }
    shown.put("status", batch.status().mistral()).put("created_at", batch.created() / 1000);
    shown.put("total_requests", batch.rows().size());
    shown.put("completed_requests", batch.succeeded() + batch.failed());
    shown.put("succeeded_requests", batch.succeeded()).put("failed_requests", batch.failed());
    BatchStatus running = BatchStatus.IN_PROGRESS;
    shown.put("started_at", batch.wasEver(running) ? seconds(batch, running) : null);
    shown.put("completed_at", batch.status().isOver() ? seconds(batch, batch.status()) : null);
    return shown;
  }

  private static Long seconds(ProviderBatch batch, BatchStatus status) {
    return batch.enteredAt(status) / 1000;
  }
}
