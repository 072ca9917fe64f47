package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Lists, cut into pages as each dialect does. */
final class Pages {
  private Pages() {}

  /** OpenAI's: behind the id {@code after}, at most {@code limit}. */
  static ObjectNode byCursor(ProviderCall call, List<JsonNode> all, int most) {
    int limit = call.number("limit", 1, most, Math.min(most, most == 100 ? 20 : most));
    int start = 0;
    String after = call.query().get("after");
    if (after != null) {
      while (start < all.size() && !all.get(start).path("id").asText().equals(after)) {
        start++;
      }
      if (start == all.size()) {
        throw new ProviderRefusal(400, "invalid_value", "after", "No such id: " + after);
      }
      start++;
    }
    int end = Math.min(all.size(), start + limit);
    ObjectNode page = Json.object().put("object", "list");
    ArrayNode data = page.putArray("data");
    all.subList(start, end).forEach(data::add);
    page.put("first_id", start < end ? all.get(start).path("id").asText() : null);
    page.put("last_id", start < end ? all.get(end - 1).path("id").asText() : null);
    return page.put("has_more", end < all.size());
  }

  /** Mistral's: number {@code page} from 0 of {@code page_size}. */
  static ObjectNode byNumber(ProviderCall call, List<JsonNode> all) {
    int size = call.number("page_size", 1, 1000, 100);
    int start = Math.min(all.size(), call.number("page", 0, 1_000_000, 0) * size);
    ObjectNode page = Json.object().put("object", "list").put("total", all.size());
    ArrayNode data = page.putArray("data");
    all.subList(start, Math.min(all.size(), start + size)).forEach(data::add);
    return page;
  }
}
