package io.batchinfer.table.stage;

import java.util.Iterator;
import java.util.function.Function;

/** Another iterator's elements, each made into something else when it is asked for. */
record Pairs<A, B>(Iterator<A> elements, Function<A, B> function) implements Iterator<B> {
  @Override
  public boolean hasNext() {
    return elements.hasNext();
  }

  @Override
  public B next() {
    return function.apply(elements.next());
  }
}
