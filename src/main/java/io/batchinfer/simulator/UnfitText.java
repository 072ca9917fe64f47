package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Answers whose text is not what a schema asks for, in the way that their fault says. */
final class UnfitText {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROSE = "I am a simulated model and would rather tell a story.";

  private UnfitText() {}

  static AnswerFacts of(Fault fault, AnswerFacts facts) {
    String text = facts.textOf(0);
    return switch (fault) {
      case UNFIT_FENCED -> facts.withText("```json\n" + text + "\n```");
      case UNFIT_TEXT_AROUND -> facts.withText("Here it is: " + text + " Anything else?");
      case UNFIT_EXTRA_KEY -> {
        ObjectNode json = object(text);
        yield facts.withText(json.put("simulated_key", true).toString());
      }
      case UNFIT_WRONG_TYPE -> {
        ObjectNode json = object(text);
        String first = json.isEmpty() ? "simulated_key" : json.fieldNames().next();
        json.set(first, JSON.createArrayNode().add(JSON.createArrayNode()));
        yield facts.withText(json.toString());
      }
      case UNFIT_CUT_OFF -> facts.withText(text.substring(0, text.length() / 2)).asCut();
      case UNFIT_BROKEN -> facts.withText(text.substring(0, text.length() / 2));
      case UNFIT_EMPTY -> facts.withText("");
      default -> facts.withText(PROSE);
    };
  }

  /** The text's JSON object; one with the text in it where it is none. */
  private static ObjectNode object(String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      // Words were asked for.
      return JSON.createObjectNode().put("text", text);
    }
    return JSON.createObjectNode().put("text", text);
  }
}
