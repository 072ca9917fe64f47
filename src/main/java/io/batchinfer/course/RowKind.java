package io.batchinfer.course;

import java.util.Comparator;

/**
 * What requests have in common that may matter to how they end. Ordered by what it consists of.
 *
 * @param path of the endpoint
 * @param model that the request names, shortened; empty where it names none
 * @param images whether it shows the model images
 * @param tools whether it gives the model tools
 */
public record RowKind(String path, String model, boolean images, boolean tools)
    implements Comparable<RowKind> {
  /** Stands for all kinds that had no room. */
  public static final RowKind OTHERS = new RowKind(RowSketch.OTHERS, "", false, false);

  /** Most kinds of a split, and of a job. */
  public static final int MOST = RowSketch.MOST_NAMES;

  private static final int LONGEST_NAME = 80;

  private static final Comparator<RowKind> ORDER =
      Comparator.comparing(RowKind::path)
          .thenComparing(RowKind::model)
          .thenComparing(RowKind::images)
          .thenComparing(RowKind::tools);

  public RowKind {
    path = shortened(path);
    model = shortened(model);
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }

  @Override
  public int compareTo(RowKind other) {
    return ORDER.compare(this, other);
  }
}
