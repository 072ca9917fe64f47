package io.batchinfer.cli;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.api.MistralCreate;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.store.BatchIds;
import io.batchinfer.store.Note;
import io.batchinfer.store.StoreAccess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jobs create}: a job that the service takes up, this one or the next. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Creates a job and prints its id. The service takes it up, at once or with its next start."
    },
    footerHeading = "%nExample%n",
    footer = {
      "  batchinfer jobs create --store data --endpoint /v1/chat/completions \\",
      "    --model mistral-small --input requests.jsonl --metadata team=search"
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsCreateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Option(
      names = "--endpoint",
      paramLabel = "PATH",
      required = true,
      description = "Where the requests go, such as /v1/chat/completions.")
  private String endpoint;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "The model of all requests; needed where the lines name none.")
  private @Nullable String model;

  @Option(
      names = "--input",
      paramLabel = "ID_OR_PATH",
      arity = "1..*",
      required = true,
      description = "Ids of uploads, or files to upload first.")
  private List<String> inputs;

  @Option(
      names = "--metadata",
      paramLabel = "KEY=VALUE",
      description = "A pair to keep with the job; may be given up to 16 times.")
  private Map<String, String> metadata = new LinkedHashMap<>();

  @Option(
      names = "--timeout-hours",
      paramLabel = "N",
      description = "Hours after which the job ends with what it has, 1 to 168. Default: 24.")
  private @Nullable Long timeoutHours;

  @Option(
      names = "--deployment",
      paramLabel = "NAME",
      description = "Named configuration of the service's operator.")
  private @Nullable String deployment;

  @Override
  public Integer call() {
    String id = BatchIds.next();
    // All that is wrong is said before anything is uploaded.
    request(inputs);
    StoreAccess access = flags.open(spec, true);
    List<String> files = new ArrayList<>();
    for (String input : inputs) {
      if (BatchIds.isFile(input)) {
        files.add(input);
      } else {
        String uploaded = access.upload(input, "batch").id();
        access.tell("Uploaded \"%s\" as %s.".formatted(input, uploaded));
        files.add(uploaded);
      }
    }
    access.send(Note.Kind.CREATE, List.of(id), request(files));
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.mistral(access.job(id)));
    } else {
      JobsFlags.print(spec, id);
    }
    if (access.wasAlone()) {
      access.tell("No service runs on the store; the job waits for the next one.");
    }
    return 0;
  }

  private String request(List<String> files) {
    byte[] body =
        MistralCreate.write(
            EndpointPaths.canonical(endpoint).orElse(endpoint),
            model,
            files,
            metadata,
            timeoutHours,
            deployment);
    try {
      new MistralCreate(EndpointPaths.KNOWN).read(body);
    } catch (ApiError e) {
      throw JobsFlags.inFlags(e.param(), e);
    }
    return new String(body, StandardCharsets.UTF_8);
  }
}
