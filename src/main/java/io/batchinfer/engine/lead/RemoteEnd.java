package io.batchinfer.engine.lead;

import io.batchinfer.engine.lead.EndReasons.End;

/** What ends the work on batches before all rows are through: thrown where it is found. */
final class RemoteEnd extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient End end;

  RemoteEnd(End end) {
    super(end.message(), null, false, false);
    this.end = end;
  }

  End end() {
    return end;
  }
}
