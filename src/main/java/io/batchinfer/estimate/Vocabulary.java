package io.batchinfer.estimate;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.List;
import java.util.Locale;

/** A bundled vocabulary and whether it is the model's own. Encodings load once, on first use. */
enum Vocabulary {
  O200K(EncodingType.O200K_BASE, true),
  CL100K(EncodingType.CL100K_BASE, true),
  /** For models whose vocabulary is not bundled. */
  STAND_IN(EncodingType.O200K_BASE, false);

  private static final EncodingRegistry REGISTRY = Encodings.newLazyEncodingRegistry();
  private static final List<String> O200K_MODELS =
      List.of("gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "chatgpt-4o", "o1", "o3", "o4");
  private static final List<String> CL100K_MODELS = List.of("gpt-4", "gpt-3.5", "text-embedding-");

  /** A longer text is counted up to here and the rest assumed alike. */
  private static final int COUNTED_CHARS = 1 << 17;

  private final EncodingType type;
  private final boolean own;

  Vocabulary(EncodingType type, boolean own) {
    this.type = type;
    this.own = own;
  }

  static Vocabulary ofModel(String model) {
    String name = model.toLowerCase(Locale.ROOT);
    if (O200K_MODELS.stream().anyMatch(prefix -> isOrExtends(name, prefix))) {
      return O200K;
    }
    return CL100K_MODELS.stream().anyMatch(prefix -> isOrExtends(name, prefix)) ? CL100K : STAND_IN;
  }

  private static boolean isOrExtends(String name, String prefix) {
    return name.equals(prefix) || name.startsWith(prefix.endsWith("-") ? prefix : prefix + "-");
  }

  boolean isOwn() {
    return own;
  }

  String words() {
    return own ? type.getName() : type.getName() + " (stand-in)";
  }

  long count(String text) {
    Encoding encoding = REGISTRY.getEncoding(type);
    if (text.length() <= COUNTED_CHARS) {
      return encoding.countTokensOrdinary(text);
    }
    long counted = encoding.countTokensOrdinary(text.substring(0, COUNTED_CHARS));
    return Math.round((double) counted * text.length() / COUNTED_CHARS);
  }
}
