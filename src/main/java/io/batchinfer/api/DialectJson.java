package io.batchinfer.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.model.Usage;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files and jobs as Mistral's and OpenAI's clients read them. One file object serves both; a job
 * has a form for each. JSON is in ASCII.
 */
public final class DialectJson {
  private static final long MILLIS = 1000;

  private DialectJson() {}

  private static ObjectNode object() {
    return Json.MAPPER.createObjectNode();
  }

  /** One file. */
  public static byte[] file(BatchFile file) {
    return AsciiJson.bytes(fileNode(file));
  }

  private static ObjectNode fileNode(BatchFile file) {
    ObjectNode node = object();
    node.put("id", file.id());
    node.put("object", "file");
    node.put("bytes", file.bytes());
    node.put("created_at", file.createdMillis() / MILLIS);
    node.put("filename", file.filename());
    node.put("purpose", file.purpose());
    node.put("sample_type", sampleType(file));
    node.put("source", source(file));
    node.put("num_lines", file.lines());
    node.put("mimetype", "application/jsonl");
    node.put("signature", file.signature());
    node.put(
        "expires_at",
        file.expiresMillis() == null ? null : Long.valueOf(file.expiresMillis() / MILLIS));
    node.put("visibility", file.visibility() == null ? "workspace" : file.visibility());
    node.put("deleted", false);
    node.put("status", "processed");
    node.putNull("status_details");
    return node;
  }

  /** Mistral's word for what the lines are. */
  public static String sampleType(BatchFile file) {
    return switch (file.role()) {
      case REQUESTS -> file.purpose().equals("fine-tune") ? "instruct" : "batch_request";
      case RESULTS -> "batch_result";
      case ERRORS -> "batch_error";
    };
  }

  /** Mistral's word for who made the file. */
  public static String source(BatchFile file) {
    return file.role() == BatchFile.Role.REQUESTS ? "upload" : "mistral";
  }

  /**
   * A page of files, of either kind of paging.
   *
   * @param total files on all pages, or null where it is not wanted
   */
  public static byte[] files(List<BatchFile> page, @Nullable Integer total, boolean hasMore) {
    ObjectNode node = object();
    node.put("object", "list");
    ArrayNode data = node.putArray("data");
    page.forEach(file -> data.add(fileNode(file)));
    node.put("total", total);
    node.put("has_more", hasMore);
    node.put("first_id", page.isEmpty() ? null : page.get(0).id());
    node.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1).id());
    return AsciiJson.bytes(node);
  }

  /**
   * What a delete answers.
   *
   * @param object {@code file} or {@code batch}
   */
  public static byte[] deleted(String id, String object) {
    ObjectNode node = object();
    node.put("id", id);
    node.put("object", object);
    node.put("deleted", true);
    return AsciiJson.bytes(node);
  }

  /** Where a file can be fetched without a key. */
  public static byte[] url(String url) {
    return AsciiJson.bytes(object().put("url", url));
  }

  /** A job in Mistral's form, without outputs. */
  public static byte[] mistral(BatchJob job) {
    return AsciiJson.bytes(mistralNode(job));
  }

  private static ObjectNode mistralNode(BatchJob job) {
    BatchJob.Spec spec = job.spec();
    BatchJob.State state = job.state();
    ObjectNode node = object();
    node.put("id", job.id());
    node.put("object", "batch");
    ArrayNode inputs = node.putArray("input_files");
    spec.inputFiles().forEach(inputs::add);
    putMetadata(node, spec);
    node.put("endpoint", spec.endpoint());
    node.put("model", job.model());
    node.put("agent_id", spec.target().agentId());
    node.put("output_file", state.files().output());
    node.put("error_file", state.files().errors());
    ArrayNode errors = node.putArray("errors");
    state
        .problems()
        .forEach(
            problem ->
                errors.addObject().put("message", shown(problem)).put("count", problem.count()));
    state
        .counts()
        .errors()
        .forEach(
            (code, count) ->
                errors.addObject().put("message", explained(code)).put("count", count));
    node.putNull("outputs");
    node.put("status", state.status().name());
    node.put("created_at", spec.createdMillis() / MILLIS);
    node.put("total_requests", state.total());
    node.put("completed_requests", state.counts().settled());
    node.put("succeeded_requests", state.counts().succeeded());
    node.put("failed_requests", state.counts().failed());
    node.put("started_at", seconds(state.times().startedMillis()));
    node.put("completed_at", seconds(state.times().endedMillis()));
    node.put("timeout_hours", spec.lifetime().timeoutHours());
    node.put("prompt_tokens", state.counts().usage().promptTokens());
    node.put("completion_tokens", state.counts().usage().completionTokens());
    node.put("cost", state.progress().cost());
    node.put("currency", state.progress().currency());
    node.put("deployment", spec.target().deployment());
    return node;
  }

  /** A code with its meaning, where it is one of this program's. */
  private static String explained(String code) {
    return ErrorCode.find(code).map(known -> code + ": " + known.description()).orElse(code);
  }

  private static String shown(Problem problem) {
    return problem.line() == null
        ? problem.message()
        : "Line " + problem.line() + ": " + problem.message();
  }

  private static @Nullable Long seconds(@Nullable Long millis) {
    return millis == null ? null : Long.valueOf(millis / MILLIS);
  }

  private static void putMetadata(ObjectNode node, BatchJob.Spec spec) {
    if (spec.metadata().isEmpty()) {
      node.putNull("metadata");
    } else {
      ObjectNode metadata = node.putObject("metadata");
      new TreeMap<>(spec.metadata()).forEach(metadata::put);
    }
  }

  /** A page of jobs in Mistral's form. */
  public static byte[] mistral(List<BatchJob> page, int total) {
    ObjectNode node = object();
    node.put("object", "list");
    node.put("total", total);
    ArrayNode data = node.putArray("data");
    page.forEach(job -> data.add(mistralNode(job)));
    return AsciiJson.bytes(node);
  }

  /**
   * A job in Mistral's form around its outputs: what comes before their array, and what after. The
   * array's elements are lines of results.
   */
  public static byte[][] mistralAroundOutputs(BatchJob job) {
    ObjectNode node = mistralNode(job);
    node.remove("outputs");
    byte[] whole = AsciiJson.bytes(node);
    byte[] before = new byte[whole.length - 1 + OUTPUTS.length];
    System.arraycopy(whole, 0, before, 0, whole.length - 1);
    System.arraycopy(OUTPUTS, 0, before, whole.length - 1, OUTPUTS.length);
    return new byte[][] {before, {']', '}'}};
  }

  private static final byte[] OUTPUTS = {
    ',', '"', 'o', 'u', 't', 'p', 'u', 't', 's', '"', ':', '['
  };

  /** A job in OpenAI's form. */
  public static byte[] openAi(BatchJob job) {
    return AsciiJson.bytes(openAiNode(job));
  }

  private static ObjectNode openAiNode(BatchJob job) {
    BatchJob.Spec spec = job.spec();
    BatchJob.State state = job.state();
    ObjectNode node = object();
    node.put("id", job.id());
    node.put("object", "batch");
    node.put("endpoint", spec.endpoint());
    node.put("model", job.model());
    putProblems(node, state.problems());
    node.put("input_file_id", spec.inputFiles().get(0));
    node.put("completion_window", window(spec));
    node.put("status", openAiStatus(job));
    node.put("output_file_id", state.files().output());
    node.put("error_file_id", state.files().errors());
    node.put("created_at", spec.createdMillis() / MILLIS);
    node.put("in_progress_at", seconds(state.times().startedMillis()));
    node.put("expires_at", spec.deadlineMillis() / MILLIS);
    node.put("finalizing_at", seconds(state.times().finalizingMillis()));
    node.put("completed_at", ended(state, BatchStatus.SUCCESS));
    node.put("failed_at", ended(state, BatchStatus.FAILED));
    node.put("expired_at", ended(state, BatchStatus.TIMEOUT_EXCEEDED));
    node.put("cancelling_at", seconds(state.times().cancellingMillis()));
    node.put("cancelled_at", ended(state, BatchStatus.CANCELLED));
    // Nothing is counted before the file has passed its check.
    boolean fresh =
        spec.creation().dialect() == Dialect.OPENAI && state.times().startedMillis() == null;
    node.putObject("request_counts")
        .put("total", fresh ? 0 : state.total())
        .put("completed", state.counts().succeeded())
        .put("failed", state.counts().failed());
    putUsage(node.putObject("usage"), state.counts().usage());
    putMetadata(node, spec);
    return node;
  }

  private static void putUsage(ObjectNode node, Usage usage) {
    node.put("input_tokens", usage.promptTokens());
    node.putObject("input_tokens_details").put("cached_tokens", usage.cachedTokens());
    node.put("output_tokens", usage.completionTokens());
    node.putObject("output_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
    node.put("total_tokens", usage.total());
  }

  private static String window(BatchJob.Spec spec) {
    double hours = spec.lifetime().timeoutHours();
    return hours == Math.rint(hours) ? (long) hours + "h" : hours + "h";
  }

  private static @Nullable Long ended(BatchJob.State state, BatchStatus how) {
    return state.status() == how ? seconds(state.times().endedMillis()) : null;
  }

  /** OpenAI's word for where a job stands. */
  public static String openAiStatus(BatchJob job) {
    return switch (job.state().status()) {
      case QUEUED -> "validating";
      case RUNNING -> job.state().times().finalizingMillis() == null ? "in_progress" : "finalizing";
      case CANCELLATION_REQUESTED -> "cancelling";
      case SUCCESS -> "completed";
      case FAILED -> "failed";
      case TIMEOUT_EXCEEDED -> "expired";
      case CANCELLED -> "cancelled";
    };
  }

  private static void putProblems(ObjectNode node, List<Problem> problems) {
    if (problems.isEmpty()) {
      node.putNull("errors");
      return;
    }
    ObjectNode errors = node.putObject("errors");
    errors.put("object", "list");
    ArrayNode data = errors.putArray("data");
    for (Problem problem : problems) {
      data.addObject()
          .put("code", problem.code())
          .put("message", problem.message())
          .put("param", problem.param())
          .put("line", problem.line());
    }
  }

  /** A page of jobs in OpenAI's form. */
  public static byte[] openAi(List<BatchJob> page, boolean hasMore) {
    ObjectNode node = object();
    node.put("object", "list");
    ArrayNode data = node.putArray("data");
    page.forEach(job -> data.add(openAiNode(job)));
    node.put("first_id", page.isEmpty() ? null : page.get(0).id());
    node.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1).id());
    node.put("has_more", hasMore);
    return AsciiJson.bytes(node);
  }

  /** How a job went over time. */
  public static byte[] progress(BatchJob job, List<ProgressPoint> points) {
    BatchJob.State state = job.state();
    ObjectNode node = object();
    node.put("id", job.id());
    node.put("status", state.status().name());
    node.put("total", state.total());
    node.put("completed", state.counts().settled());
    node.put("failed", state.counts().failed());
    boolean live = !state.status().isTerminal() && !points.isEmpty();
    node.put("in_flight", live ? points.get(points.size() - 1).inFlight() : 0);
    node.put("requests_per_second", live ? rate(points) : 0);
    node.put("prompt_tokens", state.counts().usage().promptTokens());
    node.put("completion_tokens", state.counts().usage().completionTokens());
    node.put("cost", state.progress().cost());
    node.put("currency", state.progress().currency());
    ObjectNode errors = node.putObject("errors");
    state.counts().errors().forEach(errors::put);
    ArrayNode array = node.putArray("points");
    for (ProgressPoint point : points) {
      ObjectNode each = array.addObject();
      each.put("at", point.atMillis() / 1000.0);
      each.put("completed", point.completed());
      each.put("failed", point.failed());
      each.put("in_flight", point.inFlight());
      each.put("prompt_tokens", point.promptTokens());
      each.put("completion_tokens", point.completionTokens());
      each.put("cost", point.cost());
      each.put("latency_p50_ms", point.p50());
      each.put("latency_p95_ms", point.p95());
      each.put("latency_p99_ms", point.p99());
      ObjectNode codes = each.putObject("errors");
      point.errors().forEach(codes::put);
    }
    return AsciiJson.bytes(node);
  }

  private static double rate(List<ProgressPoint> points) {
    if (points.size() < 2) {
      return 0;
    }
    ProgressPoint last = points.get(points.size() - 1);
    ProgressPoint before = points.get(points.size() - 2);
    long millis = Math.max(1, last.atMillis() - before.atMillis());
    return Math.max(0, last.completed() - before.completed()) * 1000.0 / millis;
  }
}
