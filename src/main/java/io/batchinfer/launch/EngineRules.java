package io.batchinfer.launch;

import io.batchinfer.config.EngineCommand;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What follows from what is said of the engines that a job starts. */
public final class EngineRules {
  private static final List<Option<?>> OF_ENGINES_ONLY =
      List.of(
          EngineOptions.BASE_MODEL,
          EngineOptions.ADAPTERS,
          EngineOptions.QUANTIZATION,
          EngineOptions.IMAGE_TAG,
          EngineOptions.HUB_TOKEN_ENV);

  private static final Map<String, Option<String>> FILLED_BY =
      Map.of(
          EngineCommand.QUANTIZATION, EngineOptions.QUANTIZATION,
          EngineCommand.IMAGE_TAG, EngineOptions.IMAGE_TAG);

  private EngineRules() {}

  /**
   * The options with what follows from them: the base model is the model of rows that name none.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where something is said of engines, and there
   *     are none; or where their command has a placeholder that nothing fills
   */
  public static ResolvedOptions resolved(ResolvedOptions options) {
    Optional<String> engine = options.find(EngineOptions.ENGINE);
    if (engine.isEmpty()) {
      refuseWithoutEngine(options);
      return options;
    }
    EngineCommand command = EngineCommand.of(engine.get());
    FILLED_BY.forEach(
        (placeholder, option) -> {
          if (command.names(placeholder) && options.find(option).isEmpty()) {
            throw new BatchException(
                ErrorCode.USAGE,
                "The command of --engine has {%s}, and nothing says what that is; give %s, or take it out of the command."
                    .formatted(placeholder, option.flag()));
          }
        });
    Optional<String> base = options.find(EngineOptions.BASE_MODEL);
    if (base.isEmpty() || options.find(ModelOptions.MODEL).isPresent()) {
      return options;
    }
    String source = options.source(EngineOptions.BASE_MODEL);
    return options
        .with(ModelOptions.MODEL, base.get(), source)
        .with(ModelOptions.KEEP_LINE_MODELS, true, source);
  }

  /** Only what is typed for this job: a deployment's engine may have been set aside for it. */
  private static void refuseWithoutEngine(ResolvedOptions options) {
    for (Option<?> option : OF_ENGINES_ONLY) {
      if (options.isGiven(option) && options.source(option).equals(option.flag())) {
        throw new BatchException(
            ErrorCode.USAGE,
            "Option %s says what an engine serves, and none is started; give --engine COMMAND as well, or leave it out."
                .formatted(options.source(option)));
      }
    }
  }
}
