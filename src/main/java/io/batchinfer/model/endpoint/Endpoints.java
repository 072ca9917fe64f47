package io.batchinfer.model.endpoint;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All endpoints of which something is known. */
public final class Endpoints {
  public static final Endpoint CHAT_COMPLETIONS = new ChatCompletions();
  public static final Endpoint COMPLETIONS = new Completions();
  public static final Endpoint EMBEDDINGS = new Embeddings();
  public static final Endpoint MESSAGES = new Messages();
  public static final Endpoint TRANSCRIPTIONS = new Transcriptions();

  /** In the order in which they are listed. */
  public static final List<Endpoint> ALL =
      List.of(
          CHAT_COMPLETIONS,
          COMPLETIONS,
          new Responses(),
          EMBEDDINGS,
          MESSAGES,
          new FimCompletions(),
          new Moderations(),
          new ChatModerations(),
          new Ocr(),
          new Classifications(),
          new ChatClassifications(),
          new Conversations(),
          TRANSCRIPTIONS,
          new Score(),
          new Rerank());

  private static final Map<String, Endpoint> BY_PATH =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Endpoint::path, Function.identity()));
  private static final Endpoint OTHER = new OtherEndpoint();

  private Endpoints() {}

  /**
   * The endpoint of a path; of an unknown path what may be said of any.
   *
   * @param path canonical
   */
  public static Endpoint at(String path) {
    return BY_PATH.getOrDefault(path, OTHER);
  }
}
