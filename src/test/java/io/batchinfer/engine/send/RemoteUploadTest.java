package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.remote.BatchApiStub;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.RowList;
import io.batchinfer.remote.Uploaded;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The file of requests of a batch. */
class RemoteUploadTest {
  private static final String CHAT = "/v1/chat/completions";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final List<String> uploaded = new ArrayList<>();
  private final List<Path> left = new ArrayList<>();
  private @Nullable RemoteException refusal;
  private WorkedJob job;

  private final RemoteBatchApi api =
      new BatchApiStub() {
        @Override
        public String upload(String fileName, Path file) {
          left.add(file);
          if (refusal != null) {
            throw refusal;
          }
          try {
            uploaded.add(fileName + ":" + Files.readString(file));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
          return "file-1";
        }
      };

  @BeforeEach
  void begin() {
    job = new WorkedJob(files, 6, 3, Map.of("via", "batch"));
  }

  @AfterEach
  void end() {
    job.close();
  }

  private Uploaded upload(String endpoint, Piece... pieces) throws InterruptedException {
    RemoteWork work = new RemoteWork(endpoint, "m", List.of(pieces), Load.NONE);
    return new RemoteUpload(job.view().spec(), files)
        .upload(api, BatchNote.planned(7, 2, "own-id"), work);
  }

  private void listed(int split, int... lines) {
    RowList list = new RowList();
    for (int line : lines) {
      list.add(line, CHAT, "m");
    }
    list.write(new RemoteFolder(job.folder), 2, split);
  }

  private static RemoteException refused(RemoteException.Kind kind, String words) {
    return new RemoteException(kind, "", words, Optional.empty(), null);
  }

  private static String line(int split, int line, int row) {
    return "{\"custom_id\":\"r%d-%d\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"m\",\"messages\":[],\"user\":\"row-%04d\"}}\n"
        .formatted(split, line, CHAT, row);
  }

  @Test
  void itHoldsTheListedRowsOfItsPiecesUnderTheirPlaces() throws InterruptedException {
    assertThat(job.splits()).hasSize(2);
    int second = job.splits().get(0).lines();
    listed(0, 0, 2);
    listed(1, 0, 1);

    Uploaded result = upload(CHAT, new Piece(0, 1, 3), new Piece(1, 0, 2));

    String content = line(0, 2, 2) + line(1, 0, second) + line(1, 1, second + 1);
    assertThat(uploaded).containsExactly("own-id.jsonl:" + content);
    assertThat(result).isEqualTo(new Uploaded("file-1", content.getBytes(UTF_8).length, "", null));
    assertThat(left).allSatisfy(file -> assertThat(file).doesNotExist());
  }

  @Test
  void whatTheProviderRefusesIsToldAndLeavesNoFile() throws InterruptedException {
    listed(0, 0);
    refusal = refused(RemoteException.Kind.LATER, "busy");
    Uploaded busy = upload(CHAT, new Piece(0, 0, 3));
    refusal = refused(RemoteException.Kind.ABSENT, "no such address");
    Uploaded absent = upload(CHAT, new Piece(0, 0, 3));

    assertThat(busy).isEqualTo(new Uploaded("", 0, "busy", RemoteException.Kind.LATER));
    assertThat(absent)
        .isEqualTo(new Uploaded("", 0, "no such address", RemoteException.Kind.REFUSED));
    assertThat(left).hasSize(2).allSatisfy(file -> assertThat(file).doesNotExist());
  }

  @Test
  void anInputThatChangedSinceTheCutIsNotSent() {
    listed(0, 0, 9);
    assertThatThrownBy(() -> upload(CHAT, new Piece(0, 0, 10)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("was changed while the job ran");

    listed(0, 0);
    files.put(
        "/in/a.jsonl",
        new String(files.content("/in/a.jsonl"), UTF_8)
            .replace("chat/completions", "completions     ")
            .getBytes(UTF_8));
    assertThatThrownBy(() -> upload(CHAT, new Piece(0, 0, 1)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("was changed while the job ran");
    assertThat(uploaded).isEmpty();
  }
}
