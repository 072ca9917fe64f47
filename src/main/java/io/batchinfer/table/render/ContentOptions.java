package io.batchinfer.table.render;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.model.endpoint.RequestContent;
import io.batchinfer.model.endpoint.RequestContent.ImageParts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which options make the requests, once they are known not to contradict each other.
 *
 * @param question the one option that says what is asked; null where {@code --body} is all
 * @param content where the endpoint has it; null where {@code --body} is all
 */
record ContentOptions(@Nullable Option<String> question, @Nullable RequestContent content) {
  private static final List<Option<String>> QUESTIONS =
      List.of(TableOptions.PROMPT, TableOptions.MESSAGES, TableOptions.INPUT_COLUMN);

  /**
   * @throws BatchException {@link ErrorCode#USAGE} if the options do not make one request
   */
  static ContentOptions of(ResolvedOptions options) {
    List<Option<String>> given = QUESTIONS.stream().filter(options::isGiven).toList();
    if (given.size() > 1) {
      throw usage(
          "Options %s each say what is asked of a row. Give one of them."
              .formatted(given.stream().map(Option::flag).collect(Collectors.joining(" and "))));
    }
    if (given.isEmpty()) {
      return bodyAlone(options);
    }
    Option<String> question = given.get(0);
    String endpoint = options.get(EndpointOptions.ENDPOINT);
    Optional<RequestContent> content = Endpoints.at(endpoint).content();
    if (content.isEmpty()) {
      throw usage(
          "Option %s does not say what a request of %s holds, which is more than a text or messages. Give the whole body with --body."
              .formatted(question.flag(), endpoint));
    }
    checkQuestion(question, content.get(), endpoint);
    checkBeside(options, question, content.get(), endpoint);
    return new ContentOptions(question, content.get());
  }

  private static ContentOptions bodyAlone(ResolvedOptions options) {
    if (!options.isGiven(TableOptions.BODY)) {
      throw usage(
          "Nothing says what is asked of each row. Give --prompt with a text in which {column} stands for the row's value, or one of --messages, --input-column and --body with an expression.");
    }
    for (Option<?> option : List.of(TableOptions.SYSTEM, TableOptions.IMAGE)) {
      if (options.isGiven(option)) {
        throw usage(
            "Option %s goes with --prompt; where --body is the whole request, it belongs there."
                .formatted(option.flag()));
      }
    }
    return new ContentOptions(null, null);
  }

  private static void checkQuestion(
      Option<String> question, RequestContent content, String endpoint) {
    boolean takesMessages = content.messages() || content.images() != ImageParts.NONE;
    if (question == TableOptions.MESSAGES && !takesMessages) {
      throw usage(
          "The endpoint %s takes a text and no messages. Give --prompt in place of --messages."
              .formatted(endpoint));
    }
    if (question == TableOptions.INPUT_COLUMN && content.messages()) {
      throw usage(
          "The endpoint %s takes messages and no bare input. Give --prompt or --messages in place of --input-column."
              .formatted(endpoint));
    }
  }

  private static void checkBeside(
      ResolvedOptions options, Option<String> question, RequestContent content, String endpoint) {
    if (options.isGiven(TableOptions.SYSTEM)) {
      if (!content.takesSystem()) {
        throw usage(
            "The endpoint %s has no place for a system message. Put the text of --system into %s."
                .formatted(endpoint, question.flag()));
      }
      if (question != TableOptions.PROMPT && content.systemField() == null) {
        throw usage("Option --system goes with --prompt; --messages holds the system's message.");
      }
    }
    if (options.isGiven(TableOptions.IMAGE)) {
      if (question != TableOptions.PROMPT) {
        throw usage(
            "Option --image goes with --prompt; %s holds the images.".formatted(question.flag()));
      }
      if (content.images() == ImageParts.NONE) {
        throw usage("The endpoint %s takes no images. Leave --image out.".formatted(endpoint));
      }
    }
  }

  private static BatchException usage(String message) {
    return new BatchException(ErrorCode.USAGE, message);
  }
}
