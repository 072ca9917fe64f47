package io.batchinfer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.knuddels.jtokkit.api.EncodingType;
import io.batchinfer.estimate.CostEstimate;
import io.batchinfer.estimate.ModelPrice;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.TokenEstimate;
import io.batchinfer.estimate.TokenEstimator;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Estimates of five sets against what they are billed. The lengths of answers are known from a
 * sample of twenty rows, as an earlier output tells them.
 */
class EstimatesAgainstBillsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SEED = 20_261_129;
  private static final int ROWS = 200;
  private static final int SAMPLE = 20;
  private static final double ALLOWED = 0.10;
  private static final String CHAT = "/v1/chat/completions";
  private static final List<String> WORDS =
      List.of(
          "the",
          "customer",
          "refund",
          "Straße",
          "delivery",
          "late",
          "parcel",
          "invoice",
          "42.50",
          "don't",
          "überall",
          "tracking",
          "warehouse",
          "please",
          "日本語",
          "order",
          "of",
          "was");

  private final Random random = new Random(SEED);
  private final List<Row> rows = new ArrayList<>();

  /**
   * A request and its bill.
   *
   * @param prompt tokens that it is billed for
   * @param cached of these from the cache
   * @param answer tokens of the answer
   */
  private record Row(byte[] body, long prompt, long cached, long answer) {}

  private String text(int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(WORDS.get(random.nextInt(WORDS.size()))).append(i % 12 == 11 ? ".\n" : " ");
    }
    return text.toString();
  }

  /** Most answers are short, some are long, and none is longer than its row allows. */
  private long answer(int most) {
    return Math.min(most, Math.round(40 + 90 * -Math.log(1 - random.nextDouble())));
  }

  private static ObjectNode chat(String model, int maxTokens) {
    return JSON.createObjectNode().put("model", model).put("max_tokens", maxTokens);
  }

  private static byte[] bytes(JsonNode body) {
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private double deviation(String set, String path, String model) {
    ModelPrice price = PriceTable.load(null).find(Optional.of("openai"), model).orElseThrow();
    double typical =
        rows.subList(0, SAMPLE).stream().mapToLong(Row::answer).average().orElseThrow();
    List<Row> sent = rows.subList(SAMPLE, rows.size());
    TokenEstimator estimator = new TokenEstimator("", typical);
    SharedBeginnings shared = new SharedBeginnings();
    TokenEstimate tokens = TokenEstimate.NONE;
    double bill = 0;
    for (Row row : sent) {
      TokenEstimate one = estimator.estimate(path, row.body());
      PromptOutline prompt = PromptOutline.of(row.body());
      shared.add(new Request(null, path, row.body(), model, -1, false, prompt), one.promptTokens());
      tokens = tokens.plus(one);
      double cachedPrice = price.cachedPerMillion().orElse(price.inputPerMillion()).doubleValue();
      bill +=
          ((row.prompt() - row.cached()) * price.inputPerMillion().doubleValue()
                  + row.cached() * cachedPrice
                  + row.answer() * price.outputPerMillion().doubleValue())
              / 1e6;
    }
    double estimate =
        CostEstimate.of(tokens, shared.cachedTokens(), price).expected().doubleValue();
    double deviation = estimate / bill - 1;
    System.out.printf(
        "%s: %d rows, estimate %.6f, bill %.6f, %+.1f %% (seed %d)%n",
        set, sent.size(), estimate, bill, deviation * 100, SEED);
    return Math.abs(deviation);
  }

  @Test
  void chat() {
    ExactBill bill = new ExactBill(EncodingType.O200K_BASE);
    for (int i = 0; i < SAMPLE + ROWS; i++) {
      ObjectNode body = chat("gpt-4o-mini", 400);
      ArrayNode messages = body.putArray("messages");
      messages.addObject().put("role", "system").put("content", "Answer in one sentence.");
      messages.addObject().put("role", "user").put("content", text(20 + random.nextInt(120)));
      if (i % 3 == 0) {
        messages.addObject().put("role", "assistant").put("content", text(30));
        messages.addObject().put("role", "user").put("name", "anna").put("content", text(10));
      }
      rows.add(new Row(bytes(body), bill.chat(body), 0, answer(400)));
    }

    assertThat(deviation("chat", CHAT, "gpt-4o-mini")).isLessThan(ALLOWED);
  }

  @Test
  void tools() throws Exception {
    ExactBill bill = new ExactBill(EncodingType.O200K_BASE);
    JsonNode tools =
        JSON.readTree(
            """
            [{"type":"function","function":{"name":"get_order","description":"Finds an order by its number.",
              "parameters":{"type":"object","properties":{
                "number":{"type":"string","description":"Number of the order, eight digits."},
                "parts":{"type":"string","description":"What to look at","enum":["items","payment","delivery"]}},"required":["number"]}}},
             {"type":"function","function":{"name":"refund","description":"Pays back an amount.",
              "parameters":{"type":"object","properties":{
                "number":{"type":"string","description":"Number of the order."},
                "cents":{"type":"integer","description":"Amount in cents."},
                "reason":{"type":"string","description":"Why, in the customer's words."}},"required":["number","cents"]}}},
             {"type":"function","function":{"name":"hand_over","description":"Hands the case over to a person.","parameters":{"type":"object","properties":{}}}}]
            """);
    for (int i = 0; i < SAMPLE + ROWS; i++) {
      ObjectNode body = chat("gpt-4.1", 300);
      body.putArray("messages").addObject().put("role", "user").put("content", text(30));
      body.set("tools", tools);
      rows.add(new Row(bytes(body), bill.chat(body), 0, answer(60)));
    }

    assertThat(deviation("tools", CHAT, "gpt-4.1")).isLessThan(ALLOWED);
  }

  private static String png(String size) {
    String[] sides = size.equals("low") ? new String[] {"800", "600"} : size.split("x", -1);
    byte[] head =
        ByteBuffer.allocate(48)
            .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13})
            .put("IHDR".getBytes(StandardCharsets.US_ASCII))
            .putInt(Integer.parseInt(sides[0]))
            .putInt(Integer.parseInt(sides[1]))
            .array();
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(head);
  }

  /** One image in twenty is named by its URL, which tells no size. */
  @Test
  void images() {
    ExactBill bill = new ExactBill(EncodingType.O200K_BASE);
    List<String> sizes = List.of("1024x1024", "2048x4096", "512x512", "low");
    for (int i = 0; i < SAMPLE + ROWS; i++) {
      String size = sizes.get(i % sizes.size());
      ObjectNode body = chat("gpt-4o", 200);
      ArrayNode parts =
          body.putArray("messages").addObject().put("role", "user").putArray("content");
      parts.addObject().put("type", "text").put("text", text(12));
      ObjectNode image = parts.addObject().put("type", "image_url").putObject("image_url");
      image.put("url", i % 20 == 2 ? "https://example.com/" + i + ".png" : png(size));
      if (size.equals("low")) {
        image.put("detail", "low");
      }
      rows.add(new Row(bytes(body), bill.chat(body) + ExactBill.image(size), 0, answer(200)));
    }

    assertThat(deviation("images", CHAT, "gpt-4o")).isLessThan(ALLOWED);
  }

  @Test
  void embeddings() {
    ExactBill bill = new ExactBill(EncodingType.CL100K_BASE);
    for (int i = 0; i < SAMPLE + ROWS; i++) {
      ObjectNode body = JSON.createObjectNode().put("model", "text-embedding-3-small");
      ArrayNode inputs = body.putArray("input");
      long tokens = 0;
      for (int input = 0; input <= i % 3; input++) {
        String text = text(10 + random.nextInt(200));
        inputs.add(text);
        tokens += bill.count(text);
      }
      rows.add(new Row(bytes(body), tokens, 0, 0));
    }

    assertThat(deviation("embeddings", "/v1/embeddings", "text-embedding-3-small"))
        .isLessThan(ALLOWED);
  }

  /** Ten beginnings, and a cache that has all of them once their first row was answered. */
  @Test
  void cachedPrefixes() {
    ExactBill bill = new ExactBill(EncodingType.O200K_BASE);
    List<String> systems = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      systems.add("Case " + i + ". " + text(1_000 + 60 * i));
    }
    for (int i = 0; i < SAMPLE + ROWS; i++) {
      String system = systems.get(i % systems.size());
      ObjectNode body = chat("gpt-5-mini", 100);
      ArrayNode messages = body.putArray("messages");
      messages.addObject().put("role", "system").put("content", system);
      messages.addObject().put("role", "user").put("content", text(25));
      long common = bill.count(system) + 7L;
      boolean first = i < SAMPLE + systems.size();
      long cached = first || common < 1_024 ? 0 : common - common % 128;
      rows.add(new Row(bytes(body), bill.chat(body), cached, answer(50)));
    }

    assertThat(deviation("cached prefixes", CHAT, "gpt-5-mini")).isLessThan(ALLOWED);
  }
}
