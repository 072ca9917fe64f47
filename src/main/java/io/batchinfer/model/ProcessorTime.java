package io.batchinfer.model;

/**
 * How busy processors were, in running totals of microseconds. Immutable.
 *
 * @param own what processes of the run used
 * @param wanted what they used or had threads waiting for, no more than there was; what they used
 *     where the platform does not tell how long threads wait
 * @param machine what everything on their machines used, the processes included
 * @param offered what there was: the time that went by, times the processors that a process may use
 */
public record ProcessorTime(long own, long wanted, long machine, long offered) {
  /** Of a process that has just begun, or of which it is not known. */
  public static final ProcessorTime NONE = new ProcessorTime(0, 0, 0, 0);

  /** What both add up to. */
  public ProcessorTime plus(ProcessorTime other) {
    return new ProcessorTime(
        own + other.own, wanted + other.wanted, machine + other.machine, offered + other.offered);
  }

  /** What has come since an earlier moment. */
  public ProcessorTime since(ProcessorTime earlier) {
    return new ProcessorTime(
        own - earlier.own,
        wanted - earlier.wanted,
        machine - earlier.machine,
        offered - earlier.offered);
  }
}
