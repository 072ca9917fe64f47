package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.remote.BatchApiStub;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.FetchOrder;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.RowList;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A batch read at the prices of the batch service. */
class RemoteReadingTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String ANSWER =
      "{\"custom_id\":\"r0-0\",\"response\":{\"status_code\":200,\"body\":{\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3}}},\"error\":null}\n";
  private static final String NONE =
      "{\"custom_id\":\"r0-1\",\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"late\"}}\n";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, "/out");

  /** A provider of one file. */
  private static final class OneFile extends BatchApiStub {
    private final String content;

    OneFile(String content) {
      this.content = content;
    }

    @Override
    public void download(String file, Path to) {
      try {
        Files.writeString(to, content);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Fetched fetched(Pricing pricing, Map<String, String> options, String content)
      throws InterruptedException {
    RunSpec spec =
        new RunSpec(ResolvedOptions.ofStrings(options), Hash128.ZERO, "/out", "", pricing);
    RemoteWork work = new RemoteWork(CHAT, "m", List.of(new Piece(0, 0, 2)), Load.NONE);
    RowList list = new RowList();
    list.add(0, CHAT, "m");
    list.add(1, CHAT, "m");
    list.write(new RemoteFolder(folder), 0, 0);
    return RemoteReading.of(spec, folder, new OneFile(content), work)
        .fetch(
            BatchNote.planned(0, 0, "own"),
            work,
            new FetchOrder(List.of("out"), 2, "", "", List.of(), List.of()));
  }

  @Test
  void whatItsAnswersCostIsHalfOfTheirPriceAndNothingForThoseThatDidNotCome()
      throws InterruptedException {
    Pricing pricing =
        new Pricing(
                PriceTable.parse("prices", List.of("a:m = 2, 4, USD, -, 2026-01-02, s")),
                Optional.of("a"),
                "USD")
            .withBatchDiscount(0.5);

    Fetched fetched = fetched(pricing, Map.of(), ANSWER + NONE);

    assertThat(fetched.problem()).isEmpty();
    assertThat(fetched.result())
        .isEqualTo(new BatchNote.Result(2, 1, 0, (2 * 2_000 + 3 * 4_000) / 2));
  }

  @Test
  void anAnswerMayBeAsLargeAsTheRunsLimitHoweverItsLineIsWrapped() throws InterruptedException {
    String large =
        ANSWER.replace(
            "\"choices\":[]", "\"choices\":[],\"padding\":\"" + "x".repeat((2 << 20) - 200) + "\"");

    Fetched fetched = fetched(Pricing.UNKNOWN, Map.of("max-response-bytes", "2MiB"), large + NONE);

    assertThat(fetched.problem()).isEmpty();
    assertThat(fetched.result()).extracting("rows").isEqualTo(2L);
  }
}
