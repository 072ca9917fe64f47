package io.batchinfer.docs;

import io.batchinfer.model.endpoint.Ending;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import java.util.Map;
import java.util.TreeSet;

/** The reference page of what is known of endpoints. */
final class EndpointReference {
  private EndpointReference() {}

  static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Endpoints

        This page is generated from the code. Lines may name these paths without configuration, others with
        `--allowed-endpoints`. What is known of each decides how its requests are estimated and how its answers are read.

        | path | answer | counted as cut off | counted as withheld | an error, whatever the status |
        | --- | --- | --- | --- | --- |
        """);
    for (Endpoint endpoint : Endpoints.ALL) {
      text.append(
          "| `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  endpoint.path(),
                  answer(endpoint),
                  words(endpoint, Ending.CUT),
                  words(endpoint, Ending.FILTERED),
                  words(endpoint, Ending.FAILED)));
    }
    text.append(
        """

        - An answer that is cut off or withheld is a result; the summary counts such answers.
        - Tokens are read from `usage` under the names of either API: `prompt_tokens` or `input_tokens`, `completion_tokens`
          or `output_tokens`, and the cached and reasoning tokens of their details. At `/v1/messages`, the tokens that went
          through the cache are added to those of the prompt, which do not include them there.
        """);
    return text.toString();
  }

  private static String answer(Endpoint endpoint) {
    String kind =
        endpoint.vectorEncodingField().isPresent()
            ? "vectors"
            : endpoint.writesText() ? "text" : "no text of its own";
    String limit =
        endpoint.unstatedAnswerLimit().isPresent()
            ? ", at most %d tokens unless the request says otherwise"
                .formatted(endpoint.unstatedAnswerLimit().getAsLong())
            : "";
    return kind
        + limit
        + (endpoint.fileField().isPresent() ? "; the request is sent as a form" : "");
  }

  private static String words(Endpoint endpoint, Ending ending) {
    TreeSet<String> words = new TreeSet<>();
    for (Map.Entry<String, Map<String, Ending>> field : endpoint.answer().endings().entrySet()) {
      field
          .getValue()
          .forEach(
              (word, says) -> {
                if (says == ending) {
                  words.add("`%s` `%s`".formatted(field.getKey(), word));
                }
              });
    }
    return String.join(", ", words);
  }
}
