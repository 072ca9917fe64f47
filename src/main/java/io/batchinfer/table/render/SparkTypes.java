package io.batchinfer.table.render;

import java.util.regex.Pattern;
import org.apache.spark.sql.types.DataType;

/** Types that not every Spark 4 has a class for, known by their names. */
final class SparkTypes {
  private static final Pattern TIME = Pattern.compile("time\\([0-9]+\\)");

  private SparkTypes() {}

  /** The time of a day, since Spark 4.1. */
  static boolean isTime(DataType type) {
    return TIME.matcher(type.typeName()).matches();
  }
}
