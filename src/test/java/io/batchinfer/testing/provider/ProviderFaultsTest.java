package io.batchinfer.testing.provider;

import static io.batchinfer.testing.provider.ProviderClient.line;
import static io.batchinfer.testing.provider.ProviderClient.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.testing.provider.ProviderClient.Heard;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProviderFaultsTest {
  private static final int ROWS = 200;
  private static final String LINES =
      IntStream.range(0, ROWS)
          .mapToObj(i -> line("r" + i, "text " + i))
          .collect(Collectors.joining());

  private final AtomicLong now = new AtomicLong(1_767_225_600_000L);
  private final FaultPlan faults = new FaultPlan(11);
  private final FakeBatchProvider provider =
      FakeBatchProvider.start(
          ProviderSettings.of(ProviderDialect.OPENAI),
          faults,
          () -> Instant.ofEpochMilli(now.get()));
  private final ProviderClient client = new ProviderClient(provider);

  @AfterEach
  void close() {
    provider.close();
  }

  private JsonNode ended() throws IOException {
    String file = client.upload("in.jsonl", "batch", LINES).id();
    String id = client.post("/v1/batches", order(file, "mine")).id();
    now.addAndGet(250);
    return client.get("/v1/batches/" + id).json();
  }

  private Heard output(JsonNode batch) throws IOException {
    return client.get("/v1/files/" + batch.path("output_file_id").asText() + "/content");
  }

  private long lines(JsonNode batch, String file) throws IOException {
    return client.get("/v1/files/" + batch.path(file).asText() + "/content").text().lines().count();
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderFault.class,
      names = {"UPLOAD_UNANSWERED", "UPLOAD_FAILS_AFTERWARDS"})
  void anUploadTookEffectAllTheSame(ProviderFault fault) throws IOException {
    faults.next(fault, 1);
    fails(() -> client.upload("lost.jsonl", "batch", LINES));
    assertThat(provider.filesLeft()).containsExactly("lost.jsonl");
    assertThat(client.upload("heard.jsonl", "batch", LINES).status()).isEqualTo(200);
    assertThat(faults.struck()).containsEntry(fault, 1).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = ProviderFault.class,
      names = {"CREATE_UNANSWERED", "CREATE_FAILS_AFTERWARDS"})
  void aCreationTookEffectAllTheSame(ProviderFault fault) throws IOException {
    String file = client.upload("in.jsonl", "batch", LINES).id();
    faults.next(fault, 1);
    fails(() -> client.post("/v1/batches", order(file, "mine")));
    assertThat(client.get("/v1/batches").json().at("/data/0/metadata/batchinfer_id").asText())
        .isEqualTo("mine");
    assertThat(client.post("/v1/batches", order(file, "mine")).status()).isEqualTo(200);
    assertThat(provider.ledger().creations()).containsEntry("mine", 2);
  }

  /** One call. */
  private interface Call {
    Heard make() throws IOException;
  }

  /** JDK's client is asked once more by itself where a connection breaks, but not with a POST. */
  private static void fails(Call call) {
    int status;
    try {
      status = call.make().status();
    } catch (IOException e) {
      status = 599;
    }
    assertThat(status).isGreaterThanOrEqualTo(500);
  }

  @Test
  void throttledCallsHaveNoEffect() throws IOException {
    faults.next(ProviderFault.UPLOAD_THROTTLED, 1);
    assertThat(client.upload("in.jsonl", "batch", LINES).status()).isEqualTo(429);
    assertThat(provider.filesLeft()).isEmpty();
    String file = client.upload("in.jsonl", "batch", LINES).id();
    faults.next(ProviderFault.CREATE_THROTTLED, 1);
    Heard bare = client.post("/v1/batches", order(file, "mine"));
    faults.next(ProviderFault.CREATE_THROTTLED_FOR_A_SECOND, 1);
    Heard timed = client.post("/v1/batches", order(file, "mine"));
    assertThat(bare.status()).isEqualTo(429);
    assertThat(bare.whole().headers().firstValue("Retry-After")).isEmpty();
    assertThat(timed.whole().headers().firstValue("Retry-After")).contains("1");
    assertThat(provider.ledger().creations()).isEmpty();
    assertThat(provider.ledger().refusals()).isEmpty();
  }

  @Test
  void readsFailAndDeletionsFailAfterwards() throws IOException {
    JsonNode batch = ended();
    faults.next(ProviderFault.READ_FAILS, 1);
    assertThat(client.get("/v1/batches").status()).isBetween(500, 503);
    assertThat(client.get("/v1/batches").status()).isEqualTo(200);
    faults.next(ProviderFault.DELETE_FAILS_AFTERWARDS, 1);
    String path = "/v1/files/" + batch.path("output_file_id").asText();
    assertThat(client.delete(path).status()).isEqualTo(500);
    assertThat(client.delete(path).status()).isEqualTo(404);
  }

  @Test
  void anExpiredBatchKeepsSomeRows() throws IOException {
    faults.next(ProviderFault.BATCH_EXPIRES, 1);
    JsonNode batch = ended();
    assertThat(batch.path("status").asText()).isEqualTo("expired");
    long done = lines(batch, "output_file_id");
    assertThat(done).isBetween(1L, ROWS - 1L);
    assertThat(done + lines(batch, "error_file_id")).isEqualTo(ROWS);
    assertThat(provider.ledger().runs()).hasSize((int) done);
  }

  @Test
  void aFailedBatchHasRunNothing() throws IOException {
    faults.next(ProviderFault.BATCH_FAILS, 1);
    JsonNode batch = ended();
    assertThat(batch.path("status").asText()).isEqualTo("failed");
    assertThat(batch.at("/errors/data/0/code").asText()).isEqualTo("internal_error");
    assertThat(provider.ledger().runs()).isEmpty();
    assertThat(provider.ledger().refusals()).isEmpty();
  }

  @Test
  void resultsAreNamedLate() throws IOException {
    faults.next(ProviderFault.RESULTS_LATE, 1);
    JsonNode batch = ended();
    assertThat(batch.path("status").asText()).isEqualTo("completed");
    assertThat(batch.path("output_file_id").isNull()).isTrue();
    now.addAndGet(500);
    JsonNode later = client.get("/v1/batches/" + batch.path("id").asText()).json();
    assertThat(lines(later, "output_file_id")).isEqualTo(ROWS);
  }

  @ParameterizedTest
  @CsvSource({"FILE_NOT_FOUND_YET,404", "FILE_IN_CONFLICT_YET,409", "FILE_IN_PROCESS_YET,400"})
  void aFileIsNotReadyForAWhile(ProviderFault fault, int status) throws IOException {
    faults.next(fault, 1);
    JsonNode batch = ended();
    assertThat(output(batch).status()).isEqualTo(status);
    now.addAndGet(500);
    assertThat(output(batch).text().lines()).hasSize(ROWS);
    assertThat(provider.ledger().refusals()).isEmpty();
  }

  @Test
  void contentsAreCutInThreeWays() throws IOException {
    JsonNode batch = ended();
    int bytes = output(batch).whole().body().length;
    faults.next(ProviderFault.CONTENT_BROKEN_OFF, 1);
    assertThatThrownBy(() -> output(batch)).isInstanceOf(IOException.class);
    faults.next(ProviderFault.CONTENT_HALF, 1);
    Heard half = output(batch);
    assertThat(half.status()).isEqualTo(200);
    assertThat(half.text()).doesNotEndWith("\n");
    faults.next(ProviderFault.CONTENT_CUT_BETWEEN_LINES, 1);
    Heard cut = output(batch);
    assertThat(cut.status()).isEqualTo(200);
    assertThat(cut.text()).endsWith("}\n");
    assertThat(cut.whole().body().length).isLessThan(bytes);
    String file = "/v1/files/" + batch.path("output_file_id").asText();
    assertThat(client.get(file).json().path("bytes").asInt()).isEqualTo(bytes);
    assertThat(output(batch).text().lines()).hasSize(ROWS);
  }

  @Test
  void aMissingRowIsPaidAndNowhere() throws IOException {
    faults.next(ProviderFault.ROW_MISSING, 3);
    JsonNode batch = ended();
    assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(ROWS);
    assertThat(lines(batch, "output_file_id")).isEqualTo(ROWS - 3);
    assertThat(provider.ledger().runs()).hasSize(ROWS);
    assertThat(provider.ledger().withheld()).hasSize(3);
    JsonNode again = ended();
    assertThat(lines(again, "output_file_id")).isEqualTo(ROWS);
    assertThat(provider.ledger().paidAgain()).isEqualTo(ROWS - 3);
  }

  @Test
  void aRowComesTwiceWithTwoAnswers() throws IOException {
    faults.next(ProviderFault.ROW_TWICE, 1);
    String text = output(ended()).text();
    assertThat(text.lines()).hasSize(ROWS + 1).doesNotHaveDuplicates();
    assertThat(text.lines().map(each -> each.replaceAll(".*(\"custom_id\":\"r\\d+\").*", "$1")))
        .satisfies(ids -> assertThat(ids.stream().distinct()).hasSize(ROWS));
    assertThat(provider.ledger().runs()).hasSize(ROWS);
  }

  @ParameterizedTest
  @CsvSource({
    "ROW_FAILS,/response/status_code,500",
    "ROW_THROTTLED,/response/status_code,429",
    "ROW_WITHOUT_STATUS,/response/status_code,0",
    "ROW_TIMES_OUT,/error/code,request_timeout"
  })
  void aRowFailsAndIsNotPaid(ProviderFault fault, String where, String what) throws IOException {
    faults.next(fault, 1);
    JsonNode batch = ended();
    assertThat(batch.at("/request_counts/failed").asInt()).isEqualTo(1);
    String errors =
        client.get("/v1/files/" + batch.path("error_file_id").asText() + "/content").text();
    assertThat(Json.MAPPER.readTree(errors).at(where).asText()).isEqualTo(what);
    assertThat(provider.ledger().runs()).hasSize(ROWS - 1);
  }

  @Test
  void theSameSeedStrikesTheSameRows() {
    FaultPlan one = new FaultPlan(5).often(0.3, ProviderFault.ROW_FAILS);
    FaultPlan other = new FaultPlan(5).often(0.3, ProviderFault.ROW_FAILS);
    for (int i = 0; i < 1_000; i++) {
      assertThat(one.strikes(ProviderFault.ROW_FAILS))
          .isEqualTo(other.strikes(ProviderFault.ROW_FAILS));
    }
    assertThat(one.struck().values()).allMatch(times -> times > 200 && times < 400);
  }
}
