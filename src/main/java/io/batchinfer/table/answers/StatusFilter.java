package io.batchinfer.table.answers;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.sources.AlwaysFalse;
import org.apache.spark.sql.sources.AlwaysTrue;
import org.apache.spark.sql.sources.And;
import org.apache.spark.sql.sources.EqualNullSafe;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.IsNull;
import org.apache.spark.sql.sources.Not;
import org.apache.spark.sql.sources.Or;
import org.apache.spark.sql.sources.StringContains;
import org.apache.spark.sql.sources.StringEndsWith;
import org.apache.spark.sql.sources.StringStartsWith;

/**
 * Which statuses a filter lets through. A status is never null, so a filter on nothing else is true
 * or false of each.
 */
final class StatusFilter {
  private StatusFilter() {}

  /** The statuses that pass all filters; filters on other columns let all pass. */
  static Set<RowStatus> passing(Filter[] filters) {
    Set<RowStatus> passing = EnumSet.allOf(RowStatus.class);
    for (Filter filter : filters) {
      passing.removeIf(status -> !test(filter, status.word()).orElse(true));
    }
    return passing;
  }

  /** Whether a filter asks for nothing but the status, so that Spark need not apply it again. */
  static boolean isDecided(Filter filter) {
    return Arrays.stream(RowStatus.values())
        .allMatch(status -> test(filter, status.word()).isPresent());
  }

  /** Empty where the filter depends on more than the status. */
  private static Optional<Boolean> test(Filter filter, String status) {
    if (filter instanceof And and) {
      return both(test(and.left(), status), test(and.right(), status), false);
    }
    if (filter instanceof Or or) {
      return both(test(or.left(), status), test(or.right(), status), true);
    }
    if (filter instanceof Not not) {
      return test(not.child(), status).map(passes -> !passes);
    }
    if (filter instanceof AlwaysTrue) {
      return Optional.of(true);
    }
    if (filter instanceof AlwaysFalse) {
      return Optional.of(false);
    }
    boolean ofStatus =
        filter.references().length == 1
            && filter.references()[0].equalsIgnoreCase(AnswerColumn.STATUS.word());
    return ofStatus ? testStatus(filter, status) : Optional.empty();
  }

  private static Optional<Boolean> both(
      Optional<Boolean> left, Optional<Boolean> right, boolean decisive) {
    boolean decided = left.equals(Optional.of(decisive)) || right.equals(Optional.of(decisive));
    if (decided) {
      return Optional.of(decisive);
    }
    return left.isPresent() && right.isPresent() ? Optional.of(!decisive) : Optional.empty();
  }

  private static Optional<Boolean> testStatus(Filter filter, String status) {
    if (filter instanceof EqualTo equal) {
      return equal.value() == null ? Optional.empty() : Optional.of(status.equals(equal.value()));
    }
    if (filter instanceof EqualNullSafe equal) {
      return Optional.of(status.equals(equal.value()));
    }
    if (filter instanceof In in) {
      boolean knowsNulls = Arrays.stream(in.values()).anyMatch(Objects::isNull);
      return knowsNulls
          ? Optional.empty()
          : Optional.of(Arrays.asList(in.values()).contains(status));
    }
    if (filter instanceof IsNotNull) {
      return Optional.of(true);
    }
    if (filter instanceof IsNull) {
      return Optional.of(false);
    }
    if (filter instanceof StringStartsWith starts) {
      return Optional.of(status.startsWith(starts.value()));
    }
    if (filter instanceof StringEndsWith ends) {
      return Optional.of(status.endsWith(ends.value()));
    }
    return filter instanceof StringContains contains
        ? Optional.of(status.contains(contains.value()))
        : Optional.empty();
  }
}
