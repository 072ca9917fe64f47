package io.batchinfer.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Places whose Spark cannot run a job. What tells them is known from the vendor's documentation and
 * from public code; none was tried there.
 */
class SparkAtHandTest {
  private static final String RUNTIME = "DATABRICKS_RUNTIME_VERSION";
  private static final String CONNECT_SESSION = "org.apache.spark.sql.connect.SparkSession";
  private static final String CLASSIC_SESSION = "org.apache.spark.sql.classic.SparkSession";
  private static final String CONTEXT = "org.apache.spark.api.java.JavaSparkContext";
  private static final Set<String> SPARK_4 = Set.of(CLASSIC_SESSION, CONTEXT, CONNECT_SESSION);

  private static SparkAtHand with(Map<String, String> environment, Set<String> classes) {
    return new SparkAtHand(environment, classes::contains);
  }

  private static Map<String, String> runtime(@Nullable String version) {
    return version == null ? Map.of() : Map.of(RUNTIME, version);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "client.4.9, none, none, serverless",
        "17.3, TRUE, none, serverless",
        "17.3, 1, none, serverless",
        "17.3, none, USER_ISOLATION, standard",
        "17.3, none, DATA_SECURITY_MODE_STANDARD, standard",
        "17.3, false, SINGLE_USER, none",
        "17.3, none, DATA_SECURITY_MODE_DEDICATED, none",
        "17.3, none, none, none",
        "none, true, none, none",
        "none, none, USER_ISOLATION, none"
      })
  void whereAJobRunsIsToldByTheEnvironmentAndTheAccessMode(
      @Nullable String version,
      @Nullable String serverless,
      @Nullable String mode,
      @Nullable String refused) {
    Map<String, String> environment = new TreeMap<>(runtime(version));
    if (serverless != null) {
      environment.put("IS_SERVERLESS", serverless);
    }
    SparkAtHand here = with(environment, SPARK_4);

    for (String tag : Set.of("clusterDataSecurityMode", "dataSecurityMode")) {
      String named = "spark.databricks.clusterUsageTags." + tag;
      if (refused == null) {
        assertThatCode(() -> here.check(name -> name.equals(named) ? mode : null))
            .doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> here.check(name -> name.equals(named) ? mode : null))
            .isInstanceOf(BatchException.class)
            .hasMessageContaining(refused)
            .hasMessageContaining("dedicated");
      }
    }
  }

  private static String refusal(SparkAtHand here, Throwable thrown) {
    BatchException refusal =
        here.refusal(new IllegalStateException("wrapped", thrown)).orElseThrow();
    assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED_SPARK);
    assertThat(refusal).hasRootCause(thrown);
    // One sentence.
    String words = String.valueOf(refusal.getMessage());
    assertThat(words).endsWith(".").doesNotContainPattern("\\. [A-Z]");
    return words;
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, give the job jar to the server",
        "17.3, standard access mode",
        "client.4.9, serverless compute"
      })
  void aClientOfSparkConnectIsToldWhatWorksThere(@Nullable String version, String says) {
    SparkAtHand client = with(runtime(version), Set.of(CONNECT_SESSION));
    SparkAtHand both = with(runtime(version), SPARK_4);

    assertThat(
            refusal(client, new NoClassDefFoundError("org/apache/spark/sql/classic/SparkSession")))
        .contains(says);
    assertThat(refusal(client, new NoClassDefFoundError("org/apache/hadoop/conf/Configuration")))
        .contains(says);
    assertThat(
            refusal(
                both,
                new UnsupportedOperationException(
                    "[UNSUPPORTED_CONNECT_FEATURE.SESSION_SPARK_CONTEXT] Feature is not supported")))
        .contains(says);
  }

  @Test
  void whatServerlessComputeSaysItselfIsUnderstood() {
    assertThat(
            refusal(
                with(Map.of(), SPARK_4),
                new IllegalArgumentException(
                    "[NOT_SUPPORTED_WITH_SERVERLESS] PERSIST TABLE is not supported on serverless compute. SQLSTATE: 0A000")))
        .contains("serverless compute");
  }

  @Test
  void anAbsentAnOldAndAnotherSparkAreToldApart() {
    Error missing = new NoClassDefFoundError("org/apache/spark/sql/classic/SparkSession");

    assertThat(refusal(with(Map.of(), Set.of()), missing)).contains("no Spark on the class path");
    assertThat(refusal(with(Map.of(), Set.of(CONTEXT)), missing)).contains("too old");
    assertThat(
            refusal(
                with(Map.of(), SPARK_4),
                new NoSuchMethodError("'int org.apache.spark.SparkContext.vendors()'")))
        .contains("Apache Spark 4.0 to 4.2")
        .contains("org.apache.spark.SparkContext.vendors()");
  }

  @Test
  void aJavaThatHadoopDoesNotKnowIsNamed() {
    UnsupportedOperationException thrown =
        new UnsupportedOperationException("getSubject is not supported");
    thrown.setStackTrace(
        new StackTraceElement[] {
          new StackTraceElement("javax.security.auth.Subject", "getSubject", "Subject.java", 277)
        });

    assertThat(refusal(with(Map.of(), SPARK_4), thrown))
        .startsWith("Java " + Runtime.version().feature() + " is too new")
        .contains("JAVA_HOME");
  }

  @Test
  void otherFailuresAreNotExplained() {
    SparkAtHand here = with(runtime("17.3"), SPARK_4);

    assertThat(here.refusal(new NoClassDefFoundError("io/batchinfer/cli/Main"))).isEmpty();
    assertThat(here.refusal(new UnsupportedOperationException("not supported"))).isEmpty();
    assertThat(here.refusal(new IllegalStateException("SparkContext was stopped"))).isEmpty();
  }

  @Test
  void hereIsASparkThatRunsJobs() {
    assertThat(SparkAtHand.here().isDatabricks()).isFalse();
    assertThat(
            refusal(
                SparkAtHand.here(), new NoSuchMethodError("org.apache.spark.SparkContext.vendors")))
        .contains("is not what batchinfer is made for");
  }
}
