package io.batchinfer.estimate;

import io.batchinfer.row.ImagePart;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Tokens of images by the rules that providers state: tiles of 512 pixels, patches of 32, or pixels
 * by the hundred. Images whose size is not known are taken for squares of 1,024.
 */
final class ImageTokens {
  private static final int ASSUMED_SIDE = 1_024;

  /** The longest beginning of a model's name that is here says how its images are counted. */
  private static final Map<String, Rule> RULES = new LinkedHashMap<>();

  static {
    RULES.put("gpt-4o-mini", new Tiles(2_833, 5_667));
    RULES.put("gpt-4.1-mini", new Patches(1.62));
    RULES.put("gpt-4.1-nano", new Patches(2.46));
    RULES.put("gpt-5-mini", new Patches(1.62));
    RULES.put("gpt-5-nano", new Patches(2.46));
    RULES.put("o4-mini", new Patches(1.72));
    RULES.put("gpt-5", new Tiles(70, 140));
    RULES.put("o1", new Tiles(75, 150));
    RULES.put("o3", new Tiles(75, 150));
    RULES.put("gpt-4o", new Tiles(85, 170));
    RULES.put("gpt-4.1", new Tiles(85, 170));
    RULES.put("gpt-4.5", new Tiles(85, 170));
    RULES.put("claude", new Pixels(750, 1_568));
    RULES.put("gemini", new Crops());
  }

  private static final Rule OTHERS = new Tiles(85, 170);

  private ImageTokens() {}

  private interface Rule {
    long tokens(ImagePart image);
  }

  /** Whether images of that model and of known size are counted by the provider's own rule. */
  static boolean isKnown(String model) {
    return rule(model) != OTHERS;
  }

  static long of(String model, ImagePart image) {
    boolean low = image.low();
    ImagePart sized = image.isSized() ? image : new ImagePart(ASSUMED_SIDE, ASSUMED_SIDE, low);
    return rule(model).tokens(sized);
  }

  private static Rule rule(String model) {
    String name = model.toLowerCase(Locale.ROOT);
    return RULES.entrySet().stream()
        .filter(rule -> name.equals(rule.getKey()) || name.startsWith(rule.getKey() + "-"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(OTHERS);
  }

  private static long parts(double pixels, int side) {
    return (long) Math.ceil(pixels / side);
  }

  /** A base, and more for each tile of what is left of the image once it is made smaller. */
  private record Tiles(long base, long each) implements Rule {
    private static final int TILE = 512;
    private static final double LONGEST = 2_048;
    private static final double SHORTEST = 768;

    @Override
    public long tokens(ImagePart image) {
      if (image.low()) {
        return base;
      }
      double longer = Math.max(image.width(), image.height());
      double shorter = Math.min(image.width(), image.height());
      double fit = Math.min(1, LONGEST / longer);
      double scale = fit * Math.min(1, SHORTEST / (shorter * fit));
      return base + each * parts(longer * scale, TILE) * parts(shorter * scale, TILE);
    }
  }

  /** Patches of the image, made smaller where there are too many, times a factor of the model. */
  private record Patches(double factor) implements Rule {
    private static final int PATCH = 32;
    private static final long MOST = 1_536;

    @Override
    public long tokens(ImagePart image) {
      long patches = parts(image.width(), PATCH) * parts(image.height(), PATCH);
      if (patches > MOST) {
        double pixels = (double) image.width() * image.height();
        double scale = Math.sqrt((double) MOST * PATCH * PATCH / pixels);
        double across = image.width() * scale / PATCH;
        double down = image.height() * scale / PATCH;
        double whole = Math.min(Math.floor(across) / across, Math.floor(down) / down);
        patches = Math.round(across * whole) * Math.round(down * whole);
      }
      return Math.round(Math.min(MOST, patches) * factor);
    }
  }

  /** Pixels by the token, of an image that is made smaller where a side is too long. */
  private record Pixels(int pixelsPerToken, double longest) implements Rule {
    @Override
    public long tokens(ImagePart image) {
      double scale = Math.min(1, longest / Math.max(image.width(), image.height()));
      return Math.round(image.width() * scale * image.height() * scale / pixelsPerToken);
    }
  }

  /** As many tokens for each crop of 768 pixels; small images are one. */
  private record Crops() implements Rule {
    private static final int SMALL = 384;
    private static final int CROP = 768;
    private static final long EACH = 258;

    @Override
    public long tokens(ImagePart image) {
      boolean small = image.width() <= SMALL && image.height() <= SMALL;
      return small ? EACH : EACH * parts(image.width(), CROP) * parts(image.height(), CROP);
    }
  }
}
