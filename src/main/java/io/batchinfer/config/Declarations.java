package io.batchinfer.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The options of one heading in the order of their declaration. Filled while the class that
 * declares them is initialized, and not changed after that.
 */
final class Declarations {
  private final OptionGroup group;
  private final List<Option<?>> options = new ArrayList<>();

  Declarations(OptionGroup group) {
    this.group = group;
  }

  <T> Option<T> add(OptionBuilder<T> builder, String doc) {
    Option<T> option = builder.documented(group, doc);
    options.add(option);
    return option;
  }

  List<Option<?>> all() {
    return Collections.unmodifiableList(options);
  }
}
