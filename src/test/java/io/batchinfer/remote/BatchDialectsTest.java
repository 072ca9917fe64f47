package io.batchinfer.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.http.ApiClient;
import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.remote.RemoteBatchApi.Order;
import io.batchinfer.remote.RemoteException.Kind;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderFault;
import io.batchinfer.testing.provider.ProviderSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both dialects, against a provider that is as strict as the real ones. */
class BatchDialectsTest {
  private final FaultPlan faults = new FaultPlan(1);
  @TempDir Path directory;

  private static RemoteBatchApi api(ProviderDialect dialect, FakeBatchProvider provider) {
    ApiClient client = new ApiClient(HttpTransportSettings.defaults(URI.create(provider.url())));
    return dialect == ProviderDialect.MISTRAL
        ? new MistralBatches(client)
        : new OpenAiBatches(client);
  }

  private Path requests() throws IOException {
    return Files.writeString(
        directory.resolve("in.jsonl"),
        "{\"custom_id\":\"r0-0\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}}\n");
  }

  private static Order order(String ownId, String file, long sinceMillis) {
    return new Order(ownId, file, "/v1/chat/completions", "m", "24h", sinceMillis);
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void aBatchIsFoundByItsOwnIdAmongMany(ProviderDialect dialect) throws Exception {
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(ProviderSettings.of(dialect), faults)) {
      RemoteBatchApi api = api(dialect, provider);
      String file = api.upload("batchinfer-x.jsonl", requests());
      RemoteBatch wanted = api.create(order("own-0", file, 0));
      for (int i = 1; i < 110; i++) {
        RemoteBatch other = api.create(order("own-" + i, file, 0));
        assertThat(other.id()).isNotEqualTo(wanted.id());
      }

      assertThat(api.find(order("own-0", file, 0)))
          .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(wanted.id()));
      assertThat(api.find(order("own-none", file, 0))).isEmpty();
      assertThat(api.files("batchinfer-")).hasSize(1);
      assertThat(api.files("other-")).isEmpty();
      api.delete(file);
      api.delete(file);
      assertThat(api.files("batchinfer-")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void aLostAnswerToACreationIsUncertain(ProviderDialect dialect) throws Exception {
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(ProviderSettings.of(dialect), faults)) {
      RemoteBatchApi api = api(dialect, provider);
      String file = api.upload("batchinfer-x.jsonl", requests());
      faults.next(ProviderFault.CREATE_FAILS_AFTERWARDS, 1);

      assertThatThrownBy(() -> api.create(order("own", file, 0)))
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNCERTAIN));

      assertThat(api.find(order("own", file, 0))).isPresent();
      faults.next(ProviderFault.CREATE_THROTTLED, 1);
      assertThatThrownBy(() -> api.create(order("own2", file, 0)))
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LATER));
      assertThat(api.find(order("own2", file, 0))).isEmpty();
    }
  }

  @Test
  void windowsAreWholeHours() {
    assertThat(MistralBatches.hours("24h")).isEqualTo(24);
    assertThat(MistralBatches.hours("7d")).isEqualTo(168);
  }
}
