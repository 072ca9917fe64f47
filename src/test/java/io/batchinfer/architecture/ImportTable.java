package io.batchinfer.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which package may import which, and which third party is confined to it. */
final class ImportTable {
  /** The package of the classes that programs begin with, which is the root of all others. */
  static final String ENTRY = "io.batchinfer";

  private static final String SPARK = "org.apache.spark.";
  private static final String HADOOP = "org.apache.hadoop.";
  private static final String JACKSON = "com.fasterxml.jackson.";
  private static final String VERTX = "io.vertx.";
  private static final String NETTY = "io.netty.";

  /** What every package may use: the platform, the annotations for null, the log of the process. */
  private static final List<String> EVERYWHERE =
      List.of(
          "java.", "com.google.errorprone.annotations.concurrent.", "org.jspecify.", "org.slf4j.");

  private static final Map<String, Row> ROWS = new LinkedHashMap<>();

  static {
    row("model", Set.of());
    row("time", Set.of());
    row("metrics", Set.of(), "io.micrometer.");
    row("policy", Set.of("model"), "io.github.resilience4j.");
    row("config", Set.of("model"));
    // Records on disk are rendered beside what they hold, each by the package that writes them; how
    // JSON is read, and within which limits, is in one place.
    row("json", Set.of(), JACKSON);
    // How an endpoint is told of a schema is an option; whether an answer fits, one library says.
    row("schema", Set.of("config", "json"), JACKSON, "com.networknt.schema.");
    row("table.schema", Set.of("schema", "json", "config", "model"), SPARK, "scala.", JACKSON);
    row("row", Set.of("json", "model", "schema"), JACKSON);
    row("estimate", Set.of("row", "json", "model", "config"), JACKSON, "com.knuddels.jtokkit.");
    row("storage", Set.of("model", "time"), HADOOP, "com.github.luben.zstd.");
    // The circuit breaker is Resilience4j's; the channel of the stack that asks it lives here.
    row("client", Set.of("policy", "model", "time"), "io.github.resilience4j.");
    row("client.http", Set.of("client", "policy", "model", "time"), VERTX, NETTY, "javax.net.ssl.");
    row("quota", Set.of("client", "policy", "model", "time"));
    // What is shown of a run is read from what its processes report for their permits.
    row("watch", Set.of("quota", "client", "policy", "model"));
    row(
        "watch.otlp",
        Set.of("watch", "quota", "client", "policy", "model", "time"),
        "io.opentelemetry.");
    // Requests are put together and answers taken apart as the bytes they are written in.
    row("pack", Set.of("client", "policy", "json", "model"), JACKSON);
    row("journal", Set.of("row", "storage", "model", "time"));
    row("job", Set.of("storage", "json", "model", "time"), JACKSON);
    row("course", Set.of("job", "storage", "json", "model"), JACKSON);
    row(
        "remote",
        Set.of("client", "client.http", "policy", "config", "job", "storage", "json"),
        JACKSON);
    row("store", Set.of("job", "storage", "row", "json", "model", "time", "metrics"), JACKSON);
    row("schedule", Set.of("store", "course", "job", "storage", "row", "model", "metrics"));
    row("api", Set.of("store", "json", "model"), JACKSON);
    row(
        "engine",
        Set.of(
            "client",
            "journal",
            "job",
            "storage",
            "row",
            "schema",
            "estimate",
            "config",
            "model",
            "time"),
        // How busy the machine is, the platform tells beside its standard.
        "com.sun.management.");
    row("engine.copies", Set.of("config", "journal", "job", "storage", "row", "model"));
    // What runs where is kept apart: none of these four imports another.
    row(
        "engine.plan",
        Set.of("engine", "engine.copies", "job", "storage", "row", "estimate", "config", "model"));
    row("engine.server", Set.of("model", "time"));
    row(
        "engine.send",
        Set.of(
            "engine",
            "engine.server",
            "engine.copies",
            "remote",
            "client",
            "client.http",
            "quota",
            "watch",
            "watch.otlp",
            "pack",
            "journal",
            "course",
            "job",
            "storage",
            "row",
            "json",
            "schema",
            "estimate",
            "config",
            "policy",
            "model",
            "time"));
    row(
        "engine.lead",
        // The driver holds a run to its cost cap, so it knows prices.
        Set.of(
            "engine",
            "remote",
            "quota",
            // What an attempt came to is counted by its meaning.
            "policy",
            "journal",
            "course",
            "job",
            "storage",
            "estimate",
            "config",
            "model",
            "time"));
    // Following a job takes time.
    row("engine.proof", Set.of("engine", "journal", "job", "storage", "row", "model", "time"));
    row("compare", Set.of("engine", "journal", "job", "storage", "row", "json", "model"));
    row(
        "engine.run",
        Set.of(
            "engine",
            "engine.copies",
            "engine.plan",
            "engine.send",
            "engine.lead",
            "remote",
            "course",
            "journal",
            "quota",
            "watch.otlp",
            "job",
            "storage",
            "estimate",
            "config",
            "model",
            "time"));
    row(
        "spark",
        Set.of(
            "config",
            "engine",
            "engine.copies",
            "engine.send",
            "engine.lead",
            "engine.run",
            "job",
            "quota",
            "watch",
            "storage",
            "model",
            "time"),
        SPARK,
        "scala.",
        // Spark's metrics are this library's.
        "com.codahale.metrics.",
        // A Spark context hands out Hadoop's configuration.
        HADOOP);
    // Rows of a table become request lines; it knows no run.
    row(
        "table.render",
        // A column may name images under the media root.
        Set.of("storage", "json", "config", "model"),
        JACKSON,
        SPARK);
    row(
        "table.answers",
        // What a split that is not published holds is put together as a run would do it.
        Set.of(
            "table.schema",
            "schema",
            "table.render",
            "spark",
            "engine",
            "journal",
            "job",
            "storage",
            "row",
            "json",
            "config",
            "model"),
        SPARK,
        "scala.",
        // What a model wrote is read as a struct without a tree in between.
        JACKSON);
    // What was staged of a table becomes a job's input; its tasks read files as those of runs do.
    row(
        "table.stage",
        Set.of("table.render", "spark", "engine.run", "job", "row", "storage", "config", "model"),
        SPARK,
        "scala.");
    row(
        "launch",
        Set.of(
            "table.answers",
            "table.schema",
            "schema",
            "table.stage",
            "table.render",
            "engine.run",
            "spark",
            "engine",
            "simulator",
            "job",
            "storage",
            "estimate",
            "config",
            "model"),
        SPARK);
    row(ENTRY, Set.of("launch", "report", "job", "config", "model"), SPARK, "scala.");
    row("source", Set.of(ENTRY, "table.answers", "config", "model", "storage"), SPARK, "scala.");
    row("findings", Set.of("course", "config", "model"));
    // The page knows what is shown, not where it is kept.
    row("report.page", Set.of("findings", "course", "model"));
    row(
        "report",
        Set.of("report.page", "findings", "course", "remote", "job", "storage", "model", "policy"),
        "me.tongfei.progressbar.");
    // Forms come to the service and to the simulator, which know nothing of each other.
    row("form", Set.of(), VERTX, NETTY);
    row(
        "simulator",
        Set.of("form", "config", "model", "time"),
        VERTX,
        NETTY,
        // An endpoint reads requests and writes answers of its own, which are not a batch's lines.
        JACKSON);
    row("service.keys", Set.of("store", "storage", "json", "model", "time"), JACKSON);
    row(
        "service",
        Set.of(
            "api",
            "report",
            "job",
            "service.keys",
            "schedule",
            "store",
            "storage",
            "form",
            "json",
            "model",
            "time",
            "metrics"),
        VERTX,
        NETTY,
        "javax.crypto.");
    // It is told what to show and what to do; whose page it is, it does not know.
    row("live", Set.of("model"), VERTX);
    row(
        "cli",
        Set.of(
            "model",
            "time",
            "metrics",
            "config",
            "json",
            "api",
            "estimate",
            "storage",
            "client.http",
            "quota",
            "job",
            "store",
            "schedule",
            "engine",
            "engine.plan",
            "engine.lead",
            "engine.proof",
            "compare",
            "launch",
            "live",
            "engine.run",
            "spark",
            "table.answers",
            "report",
            "course",
            "findings",
            "simulator",
            "service",
            "service.keys"),
        "picocli.",
        // The interrupt hook has to run before Hadoop's, and wiring makes Hadoop's configuration.
        HADOOP,
        // A simulated endpoint must be reachable from where this context runs its tasks.
        "org.apache.spark.api.java.JavaSparkContext");
  }

  private ImportTable() {}

  /** One package: the packages it may import and the prefixes of its third party. */
  record Row(Set<String> imports, List<String> thirdParty) {}

  private static void row(String name, Set<String> imports, String... thirdParty) {
    ROWS.put(name, new Row(imports, List.of(thirdParty)));
  }

  /** The row of a package below the root, the deepest that holds it. */
  static Optional<String> rowOf(String packageBelowRoot) {
    String candidate = packageBelowRoot;
    while (!candidate.isEmpty()) {
      if (ROWS.containsKey(candidate)) {
        return Optional.of(candidate);
      }
      int dot = candidate.lastIndexOf('.');
      candidate = dot < 0 ? "" : candidate.substring(0, dot);
    }
    return Optional.empty();
  }

  static Map<String, Row> rows() {
    return ROWS;
  }

  static Set<String> importsOf(String name) {
    return row(name).imports();
  }

  static boolean mayImport(String from, String to) {
    return from.equals(to) || row(from).imports().contains(to);
  }

  static boolean mayUse(String from, String thirdPartyClass) {
    return EVERYWHERE.stream().anyMatch(thirdPartyClass::startsWith)
        || row(from).thirdParty().stream().anyMatch(thirdPartyClass::startsWith);
  }

  private static Row row(String name) {
    Row row = ROWS.get(name);
    if (row == null) {
      throw new IllegalArgumentException("no row for \"" + name + "\"");
    }
    return row;
  }
}
