package io.batchinfer.model;

import java.util.List;

/**
 * What a job consists of.
 *
 * @param files input files in reading order
 * @param splits splits in input order, their index equal to their position
 * @param content hash of all input content, in order
 * @param equalRows rows that are equal to an earlier one and get its answer
 */
public record Plan(
    List<InputFile> files,
    List<Split> splits,
    Hash128 content,
    PlannedModels models,
    long equalRows) {
  /** A plan that says nothing of its models, and knows no equal rows. */
  public Plan(List<InputFile> files, List<Split> splits, Hash128 content) {
    this(files, splits, content, PlannedModels.NONE);
  }

  /** A plan that knows no equal rows. */
  public Plan(List<InputFile> files, List<Split> splits, Hash128 content, PlannedModels models) {
    this(files, splits, content, models, 0);
  }

  public Plan {
    files = List.copyOf(files);
    splits = List.copyOf(splits);
  }

  /** The same plan, in which that many rows are equal to earlier ones. */
  public Plan withEqualRows(long rows) {
    return new Plan(files, splits, content, models, rows);
  }

  public long rows() {
    return splits.stream().mapToLong(Split::rows).sum();
  }

  public long invalidRows() {
    return splits.stream().mapToLong(Split::invalid).sum();
  }

  public long bytes() {
    return splits.stream().mapToLong(split -> split.end() - split.start()).sum();
  }

  public long tokens() {
    return splits.stream().mapToLong(Split::tokens).sum();
  }

  /** Content hashes of the files as one. */
  public static Hash128 contentOf(List<InputFile> files) {
    Digest128 digest = new Digest128();
    for (InputFile file : files) {
      digest.add(file.content().high()).add(file.content().low());
    }
    return digest.finish();
  }
}
