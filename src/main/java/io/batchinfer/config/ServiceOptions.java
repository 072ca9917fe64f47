package io.batchinfer.config;

import java.util.List;

/** The service that runs jobs for others. */
public final class ServiceOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.SERVICE);

  public static final Option<String> STORE =
      OPTIONS.add(
          Option.text("store", "FOLDER"),
          "Folder of the service's files and jobs, on any Hadoop filesystem.");

  public static final Option<String> HOST =
      OPTIONS.add(
          Option.text("host", "ADDRESS").defaultsTo("127.0.0.1"),
          "Address to listen on; 0.0.0.0 for all addresses of the machine.");

  public static final Option<Integer> PORT =
      OPTIONS.add(
          Option.integer("port").defaultsTo(8080).atLeast(0).atMost(65535),
          "Port to listen on, 0 for any free one.");

  public static final Option<String> KEYS_FILE =
      OPTIONS.add(
          Option.text("keys-file", "FILE"),
          "Access keys of the service and the settings of their workspaces, made with"
              + " batchinfer keys; read again when it changes.");

  public static final Option<String> TLS_CERTIFICATE =
      OPTIONS.add(
          Option.text("tls-certificate", "FILE"),
          "PEM file of the service's certificate chain; with tls-key, the service speaks"
              + " HTTPS.");

  public static final Option<String> TLS_KEY =
      OPTIONS.add(
          Option.text("tls-key", "FILE"), "PEM file of the private key of tls-certificate.");

  public static final Option<String> PUBLIC_URL =
      OPTIONS.add(
          Option.text("public-url", "URL")
              .defaultsByCircumstance("the address that the client called"),
          "Address under which clients reach the service, for signed download URLs.");

  public static final Option<Integer> MAX_RUNNING_JOBS =
      OPTIONS.add(
          Option.integer("max-running-jobs").defaultsTo(16).atLeast(1),
          "Jobs that the service runs at a time; more are queued.");

  public static final Option<Integer> MAX_RUNNING_JOBS_PER_WORKSPACE =
      OPTIONS.add(
          Option.integer("max-running-jobs-per-workspace").defaultsTo(4).atLeast(1),
          "Jobs of one workspace among them.");

  public static final Option<Long> MAX_PENDING_REQUESTS =
      OPTIONS.add(
          Option.longNumber("max-pending-requests").defaultsTo(1_000_000L).atLeast(1L),
          "Most requests of a workspace that may wait for their answer, over all its" + " jobs.");

  public static final Option<Long> MAX_UPLOAD_BYTES =
      OPTIONS.add(
          Option.bytes("max-upload-bytes").defaultsTo(512L << 20).atLeast(1L),
          "A larger file is refused.");

  public static final Option<Long> BATCH_MAX_LINES =
      OPTIONS.add(
          Option.longNumber("batch-max-lines")
              .atLeast(1L)
              .defaultsByCircumstance("50000, as OpenAI has it"),
          "Most requests of a job that comes through OpenAI's API.");

  public static final Option<Long> BATCH_MAX_BYTES =
      OPTIONS.add(
          Option.bytes("batch-max-bytes")
              .atLeast(1L)
              .defaultsByCircumstance("200MiB, as OpenAI has it"),
          "Most bytes of the input of a job that comes through OpenAI's API.");

  public static final Option<Boolean> BATCH_MIXED_MODELS =
      OPTIONS.add(
          Option.flag("batch-mixed-models"),
          "Takes jobs through OpenAI's API whose lines name different models, as Parasail"
              + " and LoRAX do.");

  public static final Option<Integer> MAX_CONNECTIONS =
      OPTIONS.add(
          Option.integer("max-connections").defaultsTo(4096).atLeast(1),
          "Most connections of clients at a time.");

  public static final Option<List<String>> WORKSPACES =
      OPTIONS.add(
          Option.list("workspaces", "NAME"),
          "In a deployment: the workspaces whose jobs may ask for it; without it, all of"
              + " them.");

  public static final Option<Boolean> METRICS_BY_WORKSPACE =
      OPTIONS.add(
          Option.flag("metrics-by-workspace"),
          "Shows workspaces separately at /metrics, which needs no key; otherwise only their"
              + " sums can be read there.");

  private ServiceOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
