package io.batchinfer.store;

/**
 * What a workspace keeps of deleted jobs.
 *
 * @param amount what they have cost
 * @param last id of the job that was deleted last, whose deletion may have broken off; empty for
 *     none
 */
record DeletedJobs(double amount, String last) {
  public static final DeletedJobs NONE = new DeletedJobs(0, "");
}
