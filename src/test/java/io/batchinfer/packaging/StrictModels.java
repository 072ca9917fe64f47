package io.batchinfer.packaging;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;

/**
 * Reads documents into models of Kubernetes' own types as its API server would: a field that the
 * type does not have fails, and so does a value of another type.
 */
final class StrictModels {
  private static final String MODELS = "io.fabric8.kubernetes.api.model.";
  private static final ObjectMapper MAPPER = mapper();

  private StrictModels() {}

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .annotationIntrospector(new KnownFieldsAlone())
            .build();
    for (CoercionInputShape scalar :
        new CoercionInputShape[] {
          CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
        }) {
      mapper.coercionConfigFor(LogicalType.Textual).setCoercion(scalar, CoercionAction.Fail);
    }
    return mapper;
  }

  /**
   * Reads a manifest into the model of its kind.
   *
   * @throws IllegalArgumentException where it does not fit; names the field
   */
  static void check(JsonNode manifest) {
    String group = manifest.path("apiVersion").asText().replaceFirst("/?v1$", "");
    String kind = manifest.path("kind").asText();
    check(manifest, group.isEmpty() ? kind : group + "." + kind);
  }

  /**
   * Reads a part of a manifest.
   *
   * @param type its name in Kubernetes' core, or behind that of its group: {@code EnvVar}, {@code
   *     apps.Deployment}
   * @throws IllegalArgumentException where it does not fit; names the field
   */
  static void check(JsonNode part, String type) {
    try {
      MAPPER.convertValue(part, Class.forName(MODELS + type));
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("There is no model of " + type, e);
    }
  }

  /** The models keep what they do not know in a map; here it is to fail. */
  private static final class KnownFieldsAlone extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }
}
