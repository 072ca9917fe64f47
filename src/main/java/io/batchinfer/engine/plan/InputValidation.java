package io.batchinfer.engine.plan;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.TokenEstimator;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.LocalTasks;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What there is to know about an input before its first request.
 *
 * @param bytes of all files as they are stored
 * @param rows lines that are not blank
 * @param invalid rows among them that can never be sent, duplicates included
 * @param duplicates rows whose custom_id an earlier row has
 * @param equal rows that get the answer of an earlier one
 * @param reused rows that earlier outputs have an answer for
 * @param shown the first invalid lines, {@code file:line: message (code)} each; not those of files
 *     that hold no lines at all
 * @param forms files that hold no lines at all
 * @param leftOut that subfolders were not read, as a sentence
 * @param typicalAnswer tokens that an answer of the earlier outputs has on average, where there are
 *     any; rows are taken to get answers of that length
 * @param models what the sendable rows ask, by model; the empty name stands for none named
 */
public record InputValidation(
    int files,
    long bytes,
    long rows,
    long invalid,
    long duplicates,
    long equal,
    long reused,
    List<String> shown,
    InputForms forms,
    Optional<String> leftOut,
    OptionalDouble typicalAnswer,
    SortedMap<String, ModelLoad> models) {

  public InputValidation {
    shown = List.copyOf(shown);
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /**
   * Reads the whole input as a run would and counts the tokens of every row, on threads of this
   * process.
   *
   * @param inputs paths, folders or globs
   * @param options those of the run
   * @param earlier outputs whose answers the run may take over
   * @param scratch qualified path of a folder for hashes and for the content of compressed files;
   *     the caller removes it
   */
  public static InputValidation of(
      FileStores stores,
      List<String> inputs,
      ResolvedOptions options,
      List<EarlierAnswers> earlier,
      String scratch) {
    InputFiles found = InputFiles.of(stores, inputs, options);
    List<FileStore.Entry> files = found.files();
    JobFolder folder = new JobFolder(stores, scratch);
    RunSpec spec = new RunSpec(options, Hash128.ZERO, scratch);
    LocalTasks tasks = new LocalTasks(Runtime.getRuntime().availableProcessors());
    LocalPlanning.Result planned =
        new LocalPlanning(folder, spec, tasks, options.get(InputOutputOptions.SPLIT_BYTES))
            .plan(files);
    Plan plan = planned.plan();
    AnsweredRows answered = AnsweredRows.of(stores, folder, plan, earlier, tasks);
    OptionalDouble typicalAnswer = EarlierAnswers.typicalAnswer(earlier);
    SplitLoad counter =
        new SplitLoad(
            stores,
            folder,
            spec,
            answered,
            typicalAnswer.orElse(TokenEstimator.EXPECTED_COMPLETION));
    SortedMap<String, ModelLoad> models = new TreeMap<>();
    for (SortedMap<String, ModelLoad> split : tasks.map(plan.splits(), counter::of)) {
      split.forEach((model, load) -> models.merge(model, load, ModelLoad::plus));
    }
    return new InputValidation(
        files.size(),
        plan.files().stream().mapToLong(InputFile::bytes).sum(),
        plan.rows(),
        planned.invalid(),
        planned.duplicates(),
        plan.equalRows(),
        answered.count(),
        planned.forms().ofOtherFiles(planned.shown()),
        planned.forms(),
        found.notice(),
        typicalAnswer,
        models);
  }

  /** Sentences about whole files and folders. */
  public List<String> notices() {
    return Stream.concat(forms.sentences().stream(), leftOut.stream()).toList();
  }

  /** Whether any line can be sent. */
  public boolean isSendable() {
    return rows > invalid;
  }

  /** All models together. */
  public ModelLoad total() {
    return models.values().stream().reduce(ModelLoad.NONE, ModelLoad::plus);
  }
}
