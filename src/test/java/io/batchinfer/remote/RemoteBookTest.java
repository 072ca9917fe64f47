package io.batchinfer.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.job.JobFolder;
import io.batchinfer.json.Json;
import io.batchinfer.remote.BatchNote.Result;
import io.batchinfer.remote.BatchNote.Step;
import io.batchinfer.testing.InMemoryFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run wrote down of its batches, the next one reads. */
class RemoteBookTest {
  private final JobFolder folder = new JobFolder(InMemoryFiles.filesystem(), "mem:/out");

  private static RemoteWork work(int split) {
    return new RemoteWork(
        "/v1/x", "m", List.of(new Piece(split, 0, 8)), new Load(8, 8, 80, 800, 8));
  }

  private RemoteBook book() {
    return RemoteBook.read(folder, "batchinfer-job");
  }

  @Test
  void everyStepIsReadAsItWasWritten() {
    RemoteBook book = book();
    book.begin(List.of(work(0), work(1)));
    BatchNote first = book.ofLastRound().get(0);
    BatchNote created = first.uploaded("file", 80, 5).at(Step.CREATING, 6).created("batch", 7);
    book.write(created);

    RemoteBook again = book();

    assertThat(again.hasOpenRound()).isTrue();
    assertThat(again.nextRound()).isEqualTo(1);
    assertThat(again.ofLastRound().get(0)).isEqualTo(created);
    assertThat(again.ofLastRound().get(1).step()).isEqualTo(Step.PLANNED);
    assertThat(again.work(created)).isEqualTo(work(0));
    BatchNote read = created.fetched(new Result(8, 1, 0, 9), 8);
    again.write(read);
    again.finishRound();
    assertThat(book().hasOpenRound()).isFalse();
    assertThat(book().ofLastRound().get(0).result()).isEqualTo(new Result(8, 1, 0, 9));
    assertThat(book().ofLastRound().get(0).at(Step.CLEARED, 9).times())
        .isEqualTo(new BatchNote.Times(7, 8));
  }

  @Test
  void aBatchOfAnEarlierVersionHasNoTimes() throws Exception {
    ObjectNode old = Json.MAPPER.valueToTree(BatchNote.planned(3, 1, "x").created("batch", 7));
    old.remove("times");

    assertThat(Json.MAPPER.treeToValue(old, BatchNote.class).times())
        .isEqualTo(BatchNote.Times.NONE);
  }

  @Test
  void noTwoBatchesHaveOneId() {
    RemoteBook book = book();
    book.begin(List.of(work(0), work(1)));
    book.finishRound();
    book.begin(List.of(work(2)));
    BatchNote tried = book.ofLastRound().get(0);

    assertThat(book.all()).extracting(BatchNote::ownId).doesNotHaveDuplicates();
    assertThat(book.all()).extracting(BatchNote::number).containsExactly(0, 1, 2);
    assertThat(tried.putOff(1).metadataId()).isNotEqualTo(tried.metadataId());
    assertThat(tried.putOff(1).fileName()).isEqualTo(tried.fileName());
  }

  @Test
  void halvesStandInThePlaceOfTheWhole() {
    RemoteBook book = book();
    book.begin(List.of(work(0), work(1)));
    BatchNote whole = book.ofLastRound().get(0);
    book.write(whole.at(Step.UPLOADING, 1));

    assertThat(book.halve(whole)).isTrue();

    assertThat(book().ofLastRound()).extracting(BatchNote::number).containsExactly(1, 2, 3);
    assertThat(book().ofLastRound()).extracting(BatchNote::step).containsOnly(Step.PLANNED);
  }
}
