package io.batchinfer.config;

import java.time.Duration;
import java.util.List;

/** The models' servers that executors start for the job. */
public final class EngineOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.ENGINES);

  public static final Option<String> ENGINE =
      OPTIONS.add(
          Option.text("engine", "COMMAND", EngineCommand::checked),
          "Command of a model's server that every executor starts for the job, and whose"
              + " requests are that executor's, in place of an endpoint. Split into words as"
              + " a shell does, but run by none; {port}, {host}, {model}, {gpus},"
              + " {gpu_count}, {adapters}, {quantization} and {image_tag} are filled in.");

  public static final Option<EnginePer> ENGINE_PER =
      OPTIONS.add(
          Option.choice("engine-per", EnginePer.class).defaultsTo(EnginePer.EXECUTOR),
          "What gets an engine: an executor one with all GPUs of its tasks, each of these"
              + " GPUs one of its own, or a machine one that its executors share.");

  public static final Option<String> ENGINE_HEALTH =
      OPTIONS.add(
          Option.text("engine-health", "PATH", EngineOptions::healthPath)
              .defaultsByCircumstance("/health, and where there is none /v1/models"),
          "Path that an engine answers with success once it is there; then it is asked for"
              + " one token before the first row.");

  public static final Option<Duration> ENGINE_READY_TIMEOUT =
      OPTIONS.add(
          Option.duration("engine-ready-timeout")
              .defaultsTo(Duration.ofMinutes(30))
              .atLeast(Duration.ofSeconds(1)),
          "How long an engine may take from its start to its first answer, downloads of the"
              + " model included.");

  public static final Option<Duration> ENGINE_HUNG_AFTER =
      OPTIONS.add(
          Option.duration("engine-hung-after")
              .defaultsTo(Duration.ofMinutes(2))
              .atLeast(Duration.ofSeconds(1)),
          "After how long without any answer, to rows and to questions for its health, an"
              + " engine is ended and started again.");

  public static final Option<Duration> ENGINE_IDLE =
      OPTIONS.add(
          Option.duration("engine-idle")
              .defaultsByCircumstance("10m in the service")
              .atLeast(Duration.ZERO),
          "How long the service keeps an engine without work for the next job of the same"
              + " deployment. 0 ends it with its job, as any other run does.");

  public static final Option<List<String>> ENGINE_ENV =
      OPTIONS.add(
          Option.list("engine-env", "NAME").commaSeparated(),
          "Variable of the driver's environment that engines get, such as HF_TOKEN; its value"
              + " travels in messages and is in no argument, setting, page or log.");

  public static final Option<String> BASE_MODEL =
      OPTIONS.add(
          Option.text("base-model", "NAME"),
          "Model that engines serve, which {model} stands for in their command. Rows that"
              + " name none ask for it; those that name another one, such as an adapter,"
              + " keep it.");

  public static final Option<List<String>> ADAPTERS =
      OPTIONS.add(
          Option.list("adapters", "NAME").commaSeparated(),
          "Adapters that engines load, for {adapters} in their command; where none is"
              + " given, the other models that rows name.");

  public static final Option<String> QUANTIZATION =
      OPTIONS.add(
          Option.text("quantization", "NAME"),
          "How engines quantize the model, for {quantization} in their command.");

  public static final Option<String> IMAGE_TAG =
      OPTIONS.add(
          Option.text("image-tag", "TAG"),
          "Version of the engines' image, for {image_tag} in their command.");

  public static final Option<String> HUB_TOKEN_ENV =
      OPTIONS.add(
          Option.text("hub-token-env", "VARIABLE", KeyOptions::variableName),
          "Variable of the driver's environment that holds a token for the models' hub;"
              + " engines get its value as HF_TOKEN, as with --engine-env.");

  private EngineOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  private static String healthPath(String value) throws InvalidValue {
    if (!value.startsWith("/") || value.contains(" ")) {
      throw InvalidValue.of(value, "is no path", "give one such as /health");
    }
    return value;
  }
}
