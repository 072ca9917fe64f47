package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.cli.Main;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.KeyOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What jobs and the service start from on Kubernetes: whether the manifests fit Kubernetes' types
 * and those of the Spark operator, and all files the code and each other.
 */
class KubernetesFilesTest {
  private static final Path FOLDER = Path.of("conf/kubernetes");
  private static final YAMLMapper YAML = new YAMLMapper();

  /** Fields of a SparkApplication that are types of Kubernetes itself, wherever they stand. */
  private static final Map<String, String> OF_KUBERNETES =
      Map.ofEntries(
          Map.entry("affinity", "Affinity"),
          Map.entry("dnsConfig", "PodDNSConfig"),
          Map.entry("env", "EnvVar"),
          Map.entry("envFrom", "EnvFromSource"),
          Map.entry("hostAliases", "HostAlias"),
          Map.entry("initContainers", "Container"),
          Map.entry("lifecycle", "Lifecycle"),
          Map.entry("metadata", "ObjectMeta"),
          Map.entry("podSecurityContext", "PodSecurityContext"),
          Map.entry("securityContext", "SecurityContext"),
          Map.entry("sidecars", "Container"),
          Map.entry("template", "PodTemplateSpec"),
          Map.entry("tolerations", "Toleration"),
          Map.entry("volumeMounts", "VolumeMount"),
          Map.entry("volumes", "Volume"));

  private static List<JsonNode> documents(String file) throws IOException {
    try (var documents =
        YAML.readerFor(JsonNode.class).<JsonNode>readValues(FOLDER.resolve(file).toFile())) {
      return documents.readAll();
    }
  }

  private static JsonNode application() throws IOException {
    return YAML.readTree(FOLDER.resolve("spark-application.yaml").toFile());
  }

  /** What is wrong with a SparkApplication; empty where nothing is. */
  private static List<String> mistakes(JsonNode document) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(
                Files.readString(
                    Path.of("src/test/resources/packaging/spark-application.schema.json")));
    List<String> mistakes =
        new ArrayList<>(
            schema.validate(document).stream().map(ValidationMessage::getMessage).toList());
    OF_KUBERNETES.forEach(
        (field, type) ->
            document
                .findValues(field)
                .forEach(
                    value -> {
                      for (JsonNode one : value.isArray() ? value : List.of(value)) {
                        try {
                          StrictModels.check(one, type);
                        } catch (IllegalArgumentException e) {
                          mistakes.add(field + ": " + e.getMessage());
                        }
                      }
                    }));
    return mistakes;
  }

  @Test
  void theServiceFitsKubernetes() throws IOException {
    List<JsonNode> documents = documents("batchinfer.yaml");

    assertThat(documents).hasSize(3);
    documents.forEach(StrictModels::check);
  }

  @ParameterizedTest
  @CsvSource({
    "/2/spec, replica, 1",
    "/2/spec, replicas, '\"one\"'",
    "/2/spec/template/spec, terminationGracePeriod, 75",
    "/2/spec/template/metadata/annotations, prometheus.io/port, 8080",
    "/2/spec/template/spec/containers/0, livenesProbe, {}",
    "/2/spec/template/spec/containers/0/resources, limit, {}",
    "/1/spec/ports/0, port, '\"http\"'",
    "/0/spec, accessModes, '\"ReadWriteOnce\"'"
  })
  void aManifestWithAMistakeDoesNotFit(String place, String field, String value)
      throws IOException {
    JsonNode documents = YAML.createArrayNode().addAll(documents("batchinfer.yaml"));
    ((ObjectNode) documents.at(place)).set(field, YAML.readTree(value));
    JsonNode changed = documents.path(Integer.parseInt(place.substring(1, 2)));

    assertThatThrownBy(() -> StrictModels.check(changed))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSparkApplicationFitsTheOperator() throws IOException {
    assertThat(mistakes(application())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/spec, mainclass, '\"x\"', mainclass",
    "/spec, mode, '\"in-cluster\"', mode",
    "/spec, arguments, '\"run\"', arguments",
    "/spec/sparkConf, spark.executor.instances, 2, spark.executor.instances",
    "/spec/driver, memory, 2, memory",
    "/spec/driver, instances, 2, instances",
    "/spec/executor, instances, 0, instances",
    "/spec/restartPolicy, type, '\"Sometimes\"', type",
    "/spec/driver/env/0/valueFrom/secretKeyRef, keyname, '\"x\"', keyname",
    "/metadata, label, {}, label"
  })
  void aSparkApplicationWithAMistakeDoesNotFit(
      String place, String field, String value, String named) throws IOException {
    JsonNode document = application();
    ((ObjectNode) document.at(place)).set(field, YAML.readTree(value));

    assertThat(mistakes(document)).isNotEmpty().allMatch(mistake -> mistake.contains(named));
  }

  private static String builtWith(String element) throws IOException {
    var found =
        Pattern.compile("<" + element + ">([^<]+)</" + element + ">")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(found.find()).as(element).isTrue();
    return found.group(1);
  }

  private static String image() throws IOException {
    return Files.readString(FOLDER.resolve("Dockerfile"));
  }

  @Test
  void theImageFitsTheBuild() throws IOException {
    String spark = builtWith("spark.version");

    assertThat(image())
        .contains("FROM apache/spark:" + spark + "-scala2.13-java17")
        .contains(
            "scripts/store-jars hadoop-aws %s %s image/store-jars"
                .formatted(builtWith("hadoop.version"), spark))
        .contains("cp target/batchinfer-job.jar image/");
    assertThat(Path.of("scripts/store-jars")).isExecutable();
  }

  private static void assertTakesTheJobJar(String application) throws IOException {
    assertThat(application).startsWith("local:///");
    assertThat(image()).contains("COPY batchinfer-job.jar " + application.substring(8));
  }

  /** What {@code run} makes of the words. */
  private static ResolvedOptions assertRunTakes(List<String> words) {
    assertThat(words).first().isEqualTo("run");
    ResolvedOptions options = CommandLineRun.options(words.toArray(String[]::new));
    assertThat(options.require(InputOutputOptions.INPUT))
        .allMatch(path -> path.startsWith("s3a://"));
    assertThat(options.require(InputOutputOptions.OUTPUT)).startsWith("s3a://");
    assertThat(options.find(KeyOptions.API_KEY_ENV)).contains("OPENAI_API_KEY");
    assertThat(words).noneMatch(word -> word.startsWith("sk-"));
    return options;
  }

  @Test
  void theSparkApplicationFitsTheBuildAndTheImage() throws IOException {
    JsonNode spec = application().path("spec");

    assertThat(spec.path("sparkVersion").asText()).isEqualTo(builtWith("spark.version"));
    assertThat(spec.path("mainClass").asText()).isEqualTo(Main.class.getName());
    assertTakesTheJobJar(spec.path("mainApplicationFile").asText());
    List<String> words = new ArrayList<>();
    spec.path("arguments").forEach(word -> words.add(word.asText()));
    assertRunTakes(words);
    assertThat(spec.at("/driver/env/0/name").asText()).isEqualTo("OPENAI_API_KEY");
  }

  @Test
  void aPodThatIsToGoHasTimeToSave() throws IOException {
    JsonNode spec = application().path("spec");
    JsonNode template = documents("pod-template.yaml").get(0);
    Duration drain = OptionSources.builder().resolve().get(RetryOptions.DRAIN_TIMEOUT);

    StrictModels.check(template);
    for (JsonNode pod :
        List.of(spec.path("driver"), spec.path("executor"), template.path("spec"))) {
      assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").asInt()))
          .as("%s", pod)
          .isGreaterThan(drain.plusSeconds(10));
    }
  }

  @Test
  void aDriverThatIsLostIsStartedAgain() throws IOException {
    JsonNode policy = application().at("/spec/restartPolicy");

    assertThat(policy.path("type").asText()).isEqualTo("OnFailure");
    assertThat(policy.path("onFailureRetries").asInt()).isPositive();
  }

  /** The words that the recipe gives spark-submit. */
  private static List<String> submitted(Path folder) throws IOException {
    Path submit = Files.createDirectory(folder.resolve("bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(submit, PosixFilePermissions.fromString("rwxr-xr-x"));
    Finished finished =
        ForkedProcess.command("bash", FOLDER.resolve("spark-submit.sh").toString())
            .with("KUBERNETES", "https://10.0.0.1:6443")
            .with("SPARK_HOME", folder.toString())
            .run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    return finished.stdout().lines().toList();
  }

  @Test
  void sparkSubmitUnderstandsTheRecipe(@TempDir Path folder) throws IOException {
    SparkSubmitArguments understood =
        new SparkSubmitArguments(
            CollectionConverters.asScala(submitted(folder)).toSeq(),
            scala.collection.immutable.Map$.MODULE$.empty());

    assertThat(understood.master()).isEqualTo("k8s://https://10.0.0.1:6443");
    assertThat(understood.deployMode()).isEqualTo("cluster");
    assertThat(understood.mainClass()).isEqualTo(Main.class.getName());
    assertTakesTheJobJar(understood.primaryResource());
    assertRunTakes(CollectionConverters.asJava(understood.childArgs()));
    assertThat(CollectionConverters.asJava(understood.sparkProperties()))
        .containsEntry(
            "spark.kubernetes.driver.secretKeyRef.OPENAI_API_KEY",
            "batchinfer-upstream:OPENAI_API_KEY")
        .containsEntry("spark.kubernetes.container.image", "batchinfer");
  }

  @Test
  void theRecipeDoesWhatTheSparkApplicationDoes(@TempDir Path folder) throws IOException {
    JsonNode spec = application().path("spec");
    List<String> words = submitted(folder);
    List<String> arguments = new ArrayList<>();
    spec.path("arguments").forEach(word -> arguments.add(word.asText()));

    assertThat(words.subList(words.indexOf("run"), words.size())).isEqualTo(arguments);
    assertThat(words)
        .containsSubsequence("--driver-memory", spec.at("/driver/memory").asText())
        .containsSubsequence("--executor-memory", spec.at("/executor/memory").asText())
        .containsSubsequence("--executor-cores", spec.at("/executor/cores").asText())
        .contains("spark.executor.instances=" + spec.at("/executor/instances").asText())
        .contains(
            "spark.kubernetes.authenticate.driver.serviceAccountName="
                + spec.at("/driver/serviceAccount").asText());
    assertThat(words)
        .containsAll(
            spec.path("sparkConf").properties().stream()
                .map(property -> property.getKey() + "=" + property.getValue().asText())
                .toList());
  }
}
