package io.batchinfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Spec;
import io.batchinfer.model.BatchJob.Target;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every value of a request gets its own place in the job, and no other's. */
class JobAdmissionTest {
  private static final String JOB = "batch_" + "0".repeat(32);
  private static final Map<String, String> METADATA = Map.of("team", "a");

  private final StoredWorkspace stored = new StoredWorkspace();
  private final BatchFile input = stored.file(7, true, null);
  private final BatchRegistry registry = stored.registry();
  private final JobAdmission admission =
      new JobAdmission(registry, (workspace, name) -> name.equals("fast"), 100);

  private Spec admitted(List<String> files, byte @Nullable [] lines, long count) {
    CreateRequest request =
        new CreateRequest(
            "/v1/embeddings", files, lines, count, "model", "agent", "fast", METADATA, 1.5, 3600L);
    JobAdmission.Origin origin =
        new JobAdmission.Origin(
            StoredWorkspace.TEAM,
            Dialect.MISTRAL,
            "key",
            "hash",
            "once",
            new Repetition(false, registry.nowMillis()));
    BatchJob job = admission.admit(JOB, request, origin);
    assertThat(stored.registry().job(StoredWorkspace.TEAM, JOB)).contains(job);
    return job.spec();
  }

  private Spec expected(Input requests) {
    return new Spec(
        new Creation(Dialect.MISTRAL, registry.nowMillis(), "key", "hash", "once"),
        new Target("/v1/embeddings", "model", "agent", "fast"),
        requests,
        METADATA,
        new Lifetime(1.5, 3600L));
  }

  @Test
  void aJobOverAFileIsWhatWasAskedFor() {
    assertThat(admitted(List.of(input.id()), null, 0))
        .isEqualTo(expected(new Input(List.of(input.id()), false, 7)));
  }

  @Test
  void aJobThatBringsItsRequestsHasThemAsAFile() {
    byte[] lines = "{}\n{}\n".getBytes(StandardCharsets.UTF_8);

    Spec spec = admitted(List.of(), lines, 2);

    assertThat(spec).isEqualTo(expected(new Input(spec.inputFiles(), true, 2)));
    assertThat(spec.inputFiles()).hasSize(1);
  }
}
