package io.batchinfer.row;

/**
 * An image of a request.
 *
 * @param width in pixels; 0 where the request does not hold the image, or not in a form of which
 *     the size can be read
 * @param height likewise
 * @param low whether the model is to look at it in low detail
 */
public record ImagePart(int width, int height, boolean low) {
  static final ImagePart UNKNOWN = new ImagePart(0, 0, false);

  /** Whether its size is known. */
  public boolean isSized() {
    return width > 0 && height > 0;
  }

  ImagePart inLowDetail() {
    return new ImagePart(width, height, true);
  }
}
