package io.batchinfer.row;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What turns a line into a request: the part of a job's settings that changes bodies.
 *
 * @param endpoint path for lines that name none, or null
 * @param allowed canonical paths that lines may name
 * @param model the job's model, or null
 * @param modelRule who wins when line and job name different models
 * @param embeddingsEncoding value for an absent {@code encoding_format} of embeddings, or null
 * @param agentId value for an absent {@code agent_id}, or null
 * @param basePaths paths of the base URLs, which lines may name in front of an endpoint's path
 * @param staged whether lines were written from a table, and so may say that their row gave none
 * @param answerSchema what the schema of answers means for lines, or null where there is none
 */
public record LineRules(
    @Nullable String endpoint,
    Set<String> allowed,
    @Nullable String model,
    ModelRule modelRule,
    @Nullable String embeddingsEncoding,
    @Nullable String agentId,
    Set<String> basePaths,
    boolean staged,
    @Nullable SchemaRule answerSchema) {

  /** The rules of a job without an answer schema. */
  public LineRules(
      @Nullable String endpoint,
      Set<String> allowed,
      @Nullable String model,
      ModelRule modelRule,
      @Nullable String embeddingsEncoding,
      @Nullable String agentId,
      Set<String> basePaths,
      boolean staged) {
    this(endpoint, allowed, model, modelRule, embeddingsEncoding, agentId, basePaths, staged, null);
  }

  /** The rules of a job over files, without an agent, whose base URLs have no path. */
  public LineRules(
      @Nullable String endpoint,
      Set<String> allowed,
      @Nullable String model,
      ModelRule modelRule,
      @Nullable String embeddingsEncoding) {
    this(endpoint, allowed, model, modelRule, embeddingsEncoding, null, Set.of(), false);
  }

  /** Who wins when a line names another model than the job. */
  public enum ModelRule {
    /** The line is invalid. */
    REFUSE,
    /** The job's model replaces the line's. */
    JOB_WINS,
    /** The line's model stays. */
    LINE_WINS
  }

  public LineRules {
    allowed = Set.copyOf(allowed);
    basePaths = Set.copyOf(basePaths);
  }
}
