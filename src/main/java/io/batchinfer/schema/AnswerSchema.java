package io.batchinfer.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A JSON Schema that answers are to fit, compiled once. Drafts 4 to 2020-12 by {@code $schema},
 * without one 2020-12. A {@code format} that is known is asserted. Nothing is ever fetched: a
 * reference outside the schema itself is refused. Immutable and thread-safe.
 *
 * @see <a href="https://json-schema.org/draft/2020-12/json-schema-core">JSON Schema</a>
 */
public final class AnswerSchema {
  private static final String META_SCHEMAS = "json-schema.org/";
  private static final int MOST_PROBLEMS = 3;
  private static final int LONGEST_PROBLEM = 200;

  /** Compares what a schema says before what it means for one: the shallowest place first. */
  private static final Comparator<ValidationMessage> ORDER =
      Comparator.<ValidationMessage>comparingInt(each -> each.getInstanceLocation().getNameCount())
          .thenComparing(each -> each.getInstanceLocation().toString())
          .thenComparing(ValidationMessage::getMessage);

  private final String text;
  private final JsonNode json;
  private final JsonSchema compiled;

  private AnswerSchema(String text, JsonNode json, JsonSchema compiled) {
    this.text = text;
    this.json = json;
    this.compiled = compiled;
  }

  /**
   * Reads a schema.
   *
   * @param text JSON Schema, an object
   * @throws InvalidSchemaException if it is none, or refers to what is not in it
   */
  public static AnswerSchema of(String text) throws InvalidSchemaException {
    JsonNode json = read(text);
    JsonSchemaFactory factory = factory(json);
    Set<ValidationMessage> problems =
        factory
            .getSchema(SchemaLocation.of(metaSchema(json)), config())
            .validate(json, context -> {});
    if (!problems.isEmpty()) {
      throw new InvalidSchemaException("is not valid JSON Schema: " + words(problems));
    }
    try {
      JsonSchema compiled = factory.getSchema(json, config());
      compiled.initializeValidators();
      String oneLine = new String(AsciiJson.bytes(json), StandardCharsets.US_ASCII);
      return new AnswerSchema(oneLine, json, compiled);
    } catch (RuntimeException | StackOverflowError e) {
      throw new InvalidSchemaException("cannot be used as a JSON Schema: " + shortened(e), e);
    }
  }

  private static JsonNode read(String text) throws InvalidSchemaException {
    try {
      JsonNode json = Json.MAPPER.readTree(text);
      if (!json.isObject()) {
        throw new InvalidSchemaException("is JSON but no object, which a JSON Schema is");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new InvalidSchemaException("is broken JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static String metaSchema(JsonNode json) {
    String stated = json.path("$schema").asText("");
    return stated.isEmpty() ? VersionFlag.V202012.getId() : stated;
  }

  private static JsonSchemaFactory factory(JsonNode json) throws InvalidSchemaException {
    String stated = metaSchema(json);
    String known = stated.endsWith("#") ? stated.substring(0, stated.length() - 1) : stated;
    VersionFlag version =
        List.of(VersionFlag.values()).stream()
            .filter(
                each ->
                    each.getId().replace("#", "").equals(known.replace("https:", "http:"))
                        || each.getId().replace("#", "").equals(known.replace("http:", "https:")))
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidSchemaException(
                        "names a $schema (\"%s\") that is not a draft of JSON Schema from 4 to 2020-12"
                            .formatted(stated)));
    return JsonSchemaFactory.getInstance(
        version,
        builder ->
            builder.schemaLoaders(
                loaders ->
                    loaders.add(
                        iri -> {
                          if (iri.toString().contains(META_SCHEMAS)
                              || iri.toString().startsWith("classpath:")) {
                            return null;
                          }
                          throw new IllegalArgumentException(
                              "it refers to \"%s\", which is not in it; put what is there under $defs"
                                  .formatted(iri));
                        })));
  }

  private static SchemaValidatorsConfig config() {
    return SchemaValidatorsConfig.builder()
        .pathType(PathType.JSON_POINTER)
        .locale(Locale.ENGLISH)
        .formatAssertionsEnabled(true)
        .build();
  }

  /** The schema on one line in ASCII, its keys in their order. */
  public String text() {
    return text;
  }

  JsonNode json() {
    return json;
  }

  /**
   * Where a value does not fit, in a few words; empty where it fits.
   *
   * @param value JSON
   */
  Optional<String> misfit(JsonNode value) {
    Set<ValidationMessage> problems = compiled.validate(value);
    return problems.isEmpty() ? Optional.empty() : Optional.of(words(problems));
  }

  private static String words(Set<ValidationMessage> problems) {
    String first =
        problems.stream()
            .sorted(ORDER)
            .limit(MOST_PROBLEMS)
            .map(AnswerSchema::words)
            .collect(Collectors.joining("; "));
    int more = problems.size() - MOST_PROBLEMS;
    return more > 0 ? first + "; and %d more".formatted(more) : first;
  }

  private static String words(ValidationMessage problem) {
    String place = problem.getInstanceLocation().toString();
    String message = problem.getMessage();
    String said =
        message.startsWith(place + ": ") ? message.substring(place.length() + 2) : message;
    return shortened("%s: %s".formatted(place.isEmpty() ? "the whole" : place, said));
  }

  private static String shortened(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return shortened(
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
  }

  private static String shortened(String words) {
    return words.length() <= LONGEST_PROBLEM ? words : words.substring(0, LONGEST_PROBLEM) + "…";
  }

  @Override
  public String toString() {
    return text;
  }
}
