package io.batchinfer.model;

import java.util.List;

/**
 * What a job consists of.
 *
 * @param files input files in reading order
 * @param splits splits in input order, their index equal to their position
 * @param content hash of all input content, in order
 * @param equal rows that ask the same as an earlier one
 */
public record Plan(
    List<InputFile> files,
    List<Split> splits,
    Hash128 content,
    PlannedModels models,
    EqualRowCounts equal) {
  /** A plan that says nothing of its models, and knows no equal rows. */
  public Plan(List<InputFile> files, List<Split> splits, Hash128 content) {
    this(files, splits, content, PlannedModels.NONE);
  }

  /** A plan that knows no equal rows. */
  public Plan(List<InputFile> files, List<Split> splits, Hash128 content, PlannedModels models) {
    this(files, splits, content, models, EqualRowCounts.NONE);
  }

  public Plan {
    files = List.copyOf(files);
    splits = List.copyOf(splits);
  }

  /** The same plan, in which so many rows are equal to earlier ones. */
  public Plan withEqualRows(EqualRowCounts rows) {
    return new Plan(files, splits, content, models, rows);
  }

  /** Rows that are equal to an earlier one and get its answer. */
  public long equalRows() {
    return equal.answered();
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
