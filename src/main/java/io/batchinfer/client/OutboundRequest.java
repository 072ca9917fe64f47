package io.batchinfer.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What goes over the wire for one attempt.
 *
 * @param path canonical endpoint path ({@code /v1/…}), appended to the configured base URL
 * @param entity the body
 * @param headers extra headers of this request alone
 * @param model the model that the body names, or empty
 * @param estimatedTokens tokens that the request is expected to cost, prompt and answer
 * @param group what is the same for requests that begin alike, which a server's cache may serve
 *     together; 0 for one that is like no other
 * @param answerSize is told how many bytes of memory the body of the answer takes: as soon as its
 *     head announces them, and again whenever they turn out to be more. Called on a network thread;
 *     must neither block nor throw
 */
public record OutboundRequest(
    String path,
    Entity entity,
    Map<String, String> headers,
    String model,
    long estimatedTokens,
    long group,
    LongConsumer answerSize) {
  /** The header by which a repeated request is known from a new one. */
  public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  /** A request whose answer's size nobody wants to hear. */
  public OutboundRequest(
      String path, Entity entity, Map<String, String> headers, String model, long estimatedTokens) {
    this(path, entity, headers, model, estimatedTokens, 0, bytes -> {});
  }

  /** The body of a request. */
  public sealed interface Entity {
    /** Bytes held in memory by this entity. */
    long bytes();
  }

  /** A JSON body, sent as it is with {@code Content-Type: application/json}. */
  public record Json(byte[] content) implements Entity {
    @Override
    public long bytes() {
      return content.length;
    }
  }

  /** A {@code multipart/form-data} body, its parts in order. */
  public record Multipart(List<Part> parts) implements Entity {
    public Multipart {
      parts = List.copyOf(parts);
    }

    @Override
    public long bytes() {
      return parts.stream().mapToLong(part -> part.content().length).sum();
    }
  }

  /**
   * One part of a form.
   *
   * @param fileName empty for a plain field
   * @param contentType empty for a plain field
   */
  public record Part(String name, String fileName, String contentType, byte[] content) {
    public boolean isFile() {
      return !fileName.isEmpty();
    }
  }

  public OutboundRequest {
    headers = Map.copyOf(headers);
  }

  /** A request that names no model. */
  public OutboundRequest(
      String path, Entity entity, Map<String, String> headers, long estimatedTokens) {
    this(path, entity, headers, "", estimatedTokens);
  }

  /**
   * The same request as a new one, for another answer instead of the same once more.
   *
   * @param ordinal how many answers there were to it
   */
  public OutboundRequest anew(int ordinal) {
    String key = headers.get(IDEMPOTENCY_KEY);
    if (key == null) {
      return this;
    }
    Map<String, String> changed = new HashMap<>(headers);
    changed.put(IDEMPOTENCY_KEY, key + "-" + ordinal);
    return new OutboundRequest(path, entity, changed, model, estimatedTokens, group, answerSize);
  }

  /** The same request among others that begin like it. */
  public OutboundRequest inGroup(long other) {
    return other == group
        ? this
        : new OutboundRequest(path, entity, headers, model, estimatedTokens, other, answerSize);
  }

  /** The same request, whose answer's size somebody hears. */
  public OutboundRequest heardBy(LongConsumer listener) {
    return new OutboundRequest(path, entity, headers, model, estimatedTokens, group, listener);
  }

  /** Path and size only: bodies and header values must not reach logs. */
  @Override
  public String toString() {
    return "OutboundRequest[path=" + path + ", bytes=" + entity.bytes() + "]";
  }
}
