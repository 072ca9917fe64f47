package io.batchinfer.cli;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SimulateCommandTest {
  private final StringWriter errors = new StringWriter();

  private CommandLine commandLine(SimulateCommand command) {
    return new CommandLine(command).setErr(new PrintWriter(errors, true));
  }

  @Test
  void printsItsUrlAndServesUntilItIsStopped() throws Exception {
    SimulateCommand command = new SimulateCommand(Map.of("SIM_KEY", "s3cret"));
    PipedReader printed = new PipedReader();
    CommandLine line = commandLine(command).setOut(new PrintWriter(new PipedWriter(printed), true));
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(
            () ->
                line.execute(
                    "--port=0", "--api-key-env=SIM_KEY", "--model=a", "--model=b", "--ttft=1ms"));
    String url = new BufferedReader(printed).readLine();

    HttpResponse<String> refused = models(url, "wrong");
    HttpResponse<String> listed = models(url, "s3cret");
    command.stop();

    assertThat(url).startsWith("http://127.0.0.1:");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(listed.body()).contains("\"a\"", "\"b\"");
    assertThat(exit.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isZero();
  }

  private static HttpResponse<String> models(String url, String key) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/models"))
            .header("Authorization", "Bearer " + key)
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aPortInUseIsOneSentenceAndExitOne() {
    try (SimulatedEndpoint other = SimulatedEndpoint.start(SimulatorSettings.defaults())) {
      int exit = commandLine(new SimulateCommand(Map.of())).execute("--port=" + other.port());

      assertThat(exit).isEqualTo(1);
      assertThat(errors.toString().strip())
          .startsWith("Cannot listen on 127.0.0.1:" + other.port())
          .contains("in use")
          .doesNotContain("\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--fault=http_999=0.1",
        "--fault=http_503",
        "--fault=http_503=much",
        "--fault=http_503=1.5",
        "--ttft=soon",
        "--charge=later",
        "--style=other",
        "--retry-after=never",
        "--port=70000",
        "--slots=-1",
        "--prompt-cache=some",
        "--prompt-cache=shared",
        "--prompt-cache=slots",
        "--prompt-cache-tokens=-1",
        "--window=0",
        "--api-key-env=NOT_SET",
        "--unknown",
      })
  void aBadFlagIsExitTwo(String flag) {
    int exit = commandLine(new SimulateCommand(Map.of())).execute("--port=0", flag);

    assertThat(exit).isEqualTo(2);
    assertThat(errors.toString()).isNotBlank();
  }

  @Test
  void theHelpNamesEveryFault() {
    String help = new CommandLine(new SimulateCommand(Map.of())).getUsageMessage();

    for (Fault fault : Fault.values()) {
      assertThat(help).contains(fault.label());
    }
  }
}
