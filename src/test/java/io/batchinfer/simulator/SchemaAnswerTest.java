package io.batchinfer.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaAnswerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SEEDS = 200;
  private static final int RANDOM_SCHEMAS = 1_000;
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(VersionFlag.V202012);

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertFits(JsonNode schema, long seed) {
    JsonSchema validator =
        SCHEMAS.getSchema(
            schema, SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
    JsonNode answer = SchemaAnswer.of(schema, seed);
    assertThat(validator.validate(json(answer.toString())))
        .as("seed %d: %s for %s", seed, answer, schema)
        .isEmpty();
    assertThat(SchemaAnswer.of(schema, seed)).as("the same again").isEqualTo(answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"string\"}",
        "{\"type\":\"string\",\"minLength\":80,\"maxLength\":81}",
        "{\"type\":\"string\",\"maxLength\":3}",
        "{\"type\":\"string\",\"maxLength\":0}",
        "{\"type\":[\"string\",\"null\"]}",
        "{\"type\":\"integer\",\"minimum\":3,\"maximum\":5}",
        "{\"type\":\"integer\",\"exclusiveMinimum\":3,\"exclusiveMaximum\":5}",
        "{\"type\":\"integer\",\"multipleOf\":7,\"minimum\":-30}",
        "{\"type\":\"integer\",\"maximum\":-5}",
        "{\"type\":\"number\",\"minimum\":0.1,\"maximum\":0.2}",
        "{\"type\":\"number\",\"multipleOf\":0.25,\"exclusiveMinimum\":1,\"maximum\":2}",
        "{\"type\":\"boolean\"}",
        "{\"type\":\"null\"}",
        "{\"const\":{\"a\":[1,null]}}",
        "{\"enum\":[\"red\",2,null]}",
        "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":4,\"maxItems\":6}",
        "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"maxItems\":0}",
        "{\"type\":\"array\",\"items\":{\"enum\":[1,2,3]},\"uniqueItems\":true,\"minItems\":3}",
        "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"items\":false}",
        "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"},\"minProperties\":3}",
        "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":{\"type\":\"integer\"}}",
        "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"required\":[\"a\"],\"additionalProperties\":false}]}",
        "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\",\"b\"],\"anyOf\":[{\"properties\":{\"b\":{\"const\":1}}},{\"properties\":{\"b\":{\"const\":2}}}]}",
        "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]},{\"properties\":{\"b\":{\"type\":\"string\"}},\"required\":[\"b\"]}]}",
        "{\"$ref\":\"#/$defs/a~1b%20c\",\"$defs\":{\"a/b c\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"],\"additionalProperties\":false}}}",
        "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}},\"required\":[\"value\",\"next\"],\"additionalProperties\":false}",
        "{\"$ref\":\"#/$defs/tree\",\"$defs\":{\"tree\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/tree\"}}},\"required\":[\"name\",\"children\"],\"additionalProperties\":false}}}",
        "{\"type\":\"string\",\"format\":\"date-time\"}",
        "{\"type\":\"string\",\"format\":\"date\"}",
        "{\"type\":\"string\",\"format\":\"time\"}",
        "{\"type\":\"string\",\"format\":\"duration\"}",
        "{\"type\":\"string\",\"format\":\"email\"}",
        "{\"type\":\"string\",\"format\":\"hostname\"}",
        "{\"type\":\"string\",\"format\":\"uri\"}",
        "{\"type\":\"string\",\"format\":\"uuid\"}",
        "{\"type\":\"string\",\"format\":\"ipv4\"}",
        "{\"type\":\"string\",\"format\":\"ipv6\"}",
        "{\"type\":\"string\",\"pattern\":\"^@[a-zA-Z0-9_]+$\"}",
        "{\"type\":\"string\",\"pattern\":\"^(\\\\+\\\\d{1,3}[- ]?)?\\\\(?\\\\d{3}\\\\)?[-. ]?\\\\d{4}$\"}",
        "{\"type\":\"object\",\"properties\":{\"steps\":{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":\"object\",\"properties\":{\"explanation\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}},\"required\":[\"explanation\",\"kind\"],\"additionalProperties\":false}},\"final_answer\":{\"type\":[\"number\",\"null\"]}},\"required\":[\"steps\",\"final_answer\"],\"additionalProperties\":false}",
      })
  void everyAnswerFitsItsSchema(String schema) {
    JsonNode parsed = json(schema);
    for (int seed = 0; seed < SEEDS; seed++) {
      assertFits(parsed, seed);
    }
  }

  @Test
  void answersOfRandomSchemasFit() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < RANDOM_SCHEMAS; i++) {
      assertFits(schema(random, 0), random.nextLong());
    }
  }

  private static ObjectNode schema(Random random, int depth) {
    ObjectNode schema = JSON.createObjectNode();
    switch (random.nextInt(depth > 4 ? 5 : 8)) {
      case 0 -> {
        int least = random.nextInt(50);
        schema
            .put("type", "string")
            .put("minLength", least)
            .put("maxLength", least + random.nextInt(9));
      }
      case 1 -> {
        int least = random.nextInt(2_000) - 1_000;
        schema
            .put("type", "integer")
            .put("minimum", least)
            .put("maximum", least + random.nextInt(9));
      }
      case 2 -> schema.put("type", "number").put("exclusiveMinimum", random.nextDouble());
      case 3 -> schema.put("type", random.nextBoolean() ? "boolean" : "null");
      case 4 -> schema.putArray("enum").add(random.nextInt()).add("x" + random.nextInt()).addNull();
      case 5 -> {
        int least = random.nextInt(4);
        schema
            .put("type", "array")
            .put("minItems", least)
            .put("maxItems", least + random.nextInt(3));
        schema.set("items", schema(random, depth + 1));
      }
      case 6 -> {
        ArrayNode alternatives = schema.putArray("anyOf");
        for (int i = 0; i <= random.nextInt(3); i++) {
          alternatives.add(schema(random, depth + 1));
        }
      }
      default -> {
        schema.put("type", "object").put("additionalProperties", random.nextBoolean());
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        for (int i = 0; i < random.nextInt(5); i++) {
          properties.set("p" + i, schema(random, depth + 1));
          if (random.nextBoolean()) {
            required.add("p" + i);
          }
        }
      }
    }
    return schema;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}",
        "{\"$ref\":\"#\"}",
        "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"},{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
        "{\"type\":\"string\",\"pattern\":\"^((((((((((((((((((a|b){3}|c){3}|d){3}|e){3}|f){3}|g){3}|h){3}|i){3}|j){3}|k){3}|l){3}|m){3}|n){3}|o){3}|p){3}|q){3}|r){3}|s)$\"}",
        "{\"type\":\"string\",\"pattern\":\"\\\\x{41}[\\\\Qa\\\\E]\"}",
        "{\"type\":\"array\",\"minItems\":2000000000,\"items\":{\"type\":\"array\",\"minItems\":2000000000}}",
        "{\"type\":\"string\",\"minLength\":2000000000}",
        "{\"type\":\"object\",\"minProperties\":2000000000}",
        "{\"type\":\"integer\",\"minimum\":1e308,\"multipleOf\":1e-300}",
        "{\"type\":\"string\",\"pattern\":\"^(((a{1000}){1000}){1000})$\"}",
        "{\"type\":\"string\",\"pattern\":\"(?=x)y[\"}",
        "{\"$ref\":\"elsewhere.json\"}",
        "{\"$ref\":\"#/no/such\"}",
        "{\"anyOf\":[true,false]}",
      })
  void anEndlessOrOddSchemaHasABoundedAnswer(String schema) {
    assertThat(SchemaAnswer.of(json(schema), 1).toString().length()).isLessThan(1_000_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc",
        "^[A-Z]{3}-\\d{2,4}$",
        "^(yes|no|maybe)$",
        "^(?:a|b(c|d)*)+$",
        "^\\w+@\\w+\\.(com|org)$",
        "^[^aeiou\\s]{5}$",
        "^\\u0041\\x42$",
        "^(?<year>20\\d\\d)-(0[1-9]|1[0-2])$",
        "[\\d.]+?",
        "^$",
      })
  void aTextFitsItsPattern(String pattern) {
    for (int seed = 0; seed < SEEDS; seed++) {
      assertThat(PatternText.of(pattern, seed))
          .hasValueSatisfying(
              text -> assertThat(Pattern.compile(pattern).matcher(text).find()).isTrue());
    }
  }

  @Test
  void whatIsBeyondIsNoText() {
    for (String pattern :
        List.of("(?=a)b", "^(a)\\1$", "[a&&b]", "\\p{L}+", "a{1000}{1000}{1000}")) {
      assertThat(PatternText.of(pattern, 1)).isEmpty();
    }
  }
}
