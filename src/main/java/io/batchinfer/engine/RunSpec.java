package io.batchinfer.engine;

import io.batchinfer.config.AnswerSchemaForm;
import io.batchinfer.config.AnswerSchemaMode;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.PromptCacheKeys;
import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.SendOrder;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.EndpointUrls;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.row.LineRules;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.SchemaRule;
import io.batchinfer.schema.AnswerSchema;
import io.batchinfer.schema.InvalidSchemaException;
import io.batchinfer.schema.SchemaRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What driver and executors know of a run: its options without secrets, and where its folder is.
 *
 * @param options resolved options
 * @param jobHash identity of the job, from which the ids of its rows are made
 * @param root qualified path of the output folder
 * @param idempotencySeed from which the requests' idempotency keys are made, empty for none
 * @param pricing what answers cost
 */
public record RunSpec(
    ResolvedOptions options,
    Hash128 jobHash,
    String root,
    String idempotencySeed,
    Pricing pricing) {

  /** A run that sends nothing, or to a provider that would not understand. */
  public RunSpec(ResolvedOptions options, Hash128 jobHash, String root) {
    this(options, jobHash, root, "", Pricing.UNKNOWN);
  }

  /**
   * The seed of a job's idempotency keys, empty unless the provider's profile says that it honours
   * them.
   *
   * @param generation grows when the job is run anew, which is to give new answers
   */
  public static String idempotencySeed(ResolvedOptions options, Hash128 jobHash, int generation) {
    return options.profile().filter(ProviderProfile::honoursIdempotencyKey).isPresent()
        ? jobHash.hex() + "-" + generation
        : "";
  }

  /**
   * The form that crosses to executors, which know of no profile: what hangs on it is decided here.
   */
  public SortedMap<String, String> optionStrings() {
    SortedMap<String, String> strings = options.asStrings();
    SendOrder order = ordersByPrefix() ? SendOrder.PREFIX : SendOrder.INPUT;
    PromptCacheKeys keys = setsPromptCacheKeys() ? PromptCacheKeys.ON : PromptCacheKeys.OFF;
    strings.put(SavingOptions.ORDER.name(), order.toString());
    strings.put(SavingOptions.PROMPT_CACHE_KEY.name(), keys.toString());
    return strings;
  }

  public static RunSpec ofStrings(Map<String, String> options, String jobHash, String root) {
    return new RunSpec(ResolvedOptions.ofStrings(options), Hash128.ofHex(jobHash), root);
  }

  /**
   * The form in which it reaches executors, read.
   *
   * @param pricing as {@link Pricing#text} wrote it
   */
  public static RunSpec ofStrings(
      Map<String, String> options,
      String jobHash,
      String root,
      String idempotencySeed,
      String pricing) {
    return new RunSpec(
        ResolvedOptions.ofStrings(options),
        Hash128.ofHex(jobHash),
        root,
        idempotencySeed,
        Pricing.ofText(pricing));
  }

  /** How lines become requests. */
  public LineRules lineRules() {
    Set<String> allowed = new HashSet<>(EndpointPaths.KNOWN);
    options
        .find(EndpointOptions.ALLOWED_ENDPOINTS)
        .ifPresent(
            more -> more.forEach(path -> EndpointPaths.canonical(path).ifPresent(allowed::add)));
    options
        .find(EndpointOptions.ENDPOINT)
        .flatMap(EndpointPaths::canonical)
        .ifPresent(allowed::add);
    return new LineRules(
        options.find(EndpointOptions.ENDPOINT).flatMap(EndpointPaths::canonical).orElse(null),
        allowed,
        options.find(ModelOptions.MODEL).orElse(null),
        modelRule(),
        options
            .find(ModelOptions.EMBEDDINGS_ENCODING)
            .map(encoding -> encoding.name().toLowerCase(Locale.ROOT))
            .orElse(null),
        options.find(ModelOptions.AGENT_ID).orElse(null),
        basePaths(),
        !options.get(InputOutputOptions.INPUT_FORMAT).equals(InputOutputOptions.JSONL),
        options.find(ModelOptions.ANSWER_SCHEMA).map(this::schemaRule).orElse(null));
  }

  private SchemaRule schemaRule(String schema) {
    boolean inRequests =
        options.find(ModelOptions.ANSWER_SCHEMA_MODE).orElse(AnswerSchemaMode.REQUEST)
            == AnswerSchemaMode.REQUEST;
    if (!inRequests) {
      return SchemaRule.CHECK_ONLY;
    }
    AnswerSchemaForm form =
        options.find(ModelOptions.ANSWER_SCHEMA_FORM).orElse(AnswerSchemaForm.STANDARD);
    return new SchemaRule(true, form.toString(), SchemaRequest.fields(compiled(schema), form));
  }

  /**
   * The schema that answers are to fit; empty where the job has none. Compiled again by each call.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if what the option holds is none
   */
  public Optional<AnswerSchema> answerSchema() {
    return options.find(ModelOptions.ANSWER_SCHEMA).map(RunSpec::compiled);
  }

  private static AnswerSchema compiled(String schema) {
    try {
      return AnswerSchema.of(schema);
    } catch (InvalidSchemaException e) {
      throw new BatchException(
          ErrorCode.USAGE, "The answer schema " + e.words() + "; mend --answer-schema.", e);
    }
  }

  private Set<String> basePaths() {
    return options.find(EndpointOptions.BASE_URL).orElse(List.of()).stream()
        .map(EndpointUrls::prefix)
        .filter(prefix -> !prefix.isEmpty())
        .collect(Collectors.toSet());
  }

  private ModelRule modelRule() {
    if (options.get(ModelOptions.MODEL_OVERRIDE)) {
      return ModelRule.JOB_WINS;
    }
    return options.get(ModelOptions.KEEP_LINE_MODELS) ? ModelRule.LINE_WINS : ModelRule.REFUSE;
  }

  /** Whether executors start engines for the run, in place of an endpoint elsewhere. */
  public boolean startsEngines() {
    return options.find(EngineOptions.ENGINE).isPresent();
  }

  /** Whether rows that begin alike go out together. */
  public boolean ordersByPrefix() {
    return switch (options.get(SavingOptions.ORDER)) {
      case PREFIX -> true;
      case INPUT -> false;
      case AUTO ->
          options
              .profile()
              .map(profile -> profile.isOwnServer() || profile.takesPromptCacheKey())
              .orElse(true);
    };
  }

  /**
   * Whether requests say which others they are like. Never where a repeated request has to be the
   * same, byte for byte: what is alike is seen among the rows that are still open.
   */
  public boolean setsPromptCacheKeys() {
    boolean wanted =
        switch (options.get(SavingOptions.PROMPT_CACHE_KEY)) {
          case ON -> true;
          case OFF -> false;
          case AUTO -> options.profile().filter(ProviderProfile::takesPromptCacheKey).isPresent();
        };
    return wanted && idempotencySeed.isEmpty();
  }

  /** Folder under which lines may name audio files. */
  Optional<String> mediaRoot() {
    return options.find(InputOutputOptions.MEDIA_ROOT);
  }

  public int maxLineBytes() {
    return (int) Math.min(Integer.MAX_VALUE - 64L, options.get(InputOutputOptions.MAX_LINE_BYTES));
  }

  /** What is wrong with a line that is longer than that. */
  public Invalid tooLong() {
    return new Invalid(
        null,
        ErrorCode.LINE_TOO_LARGE,
        "The line is longer than %d bytes; raise --max-line-bytes if it is meant to be."
            .formatted(maxLineBytes()),
        null);
  }
}
