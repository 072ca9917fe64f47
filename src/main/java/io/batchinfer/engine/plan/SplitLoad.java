package io.batchinfer.engine.plan;

import io.batchinfer.config.EmbeddingsEncoding;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.TokenEstimate;
import io.batchinfer.estimate.TokenEstimator;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Split;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptTexts;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts the tokens of every row of a split that would be sent, and of those that get an answer
 * that is there. Thread-safe.
 */
final class SplitLoad {
  private final JobFolder folder;
  private final RequestLineParser parser;
  private final AudioForms transcriptions;
  private final int maxLineBytes;
  private final String jobModel;
  private final TokenEstimator estimator;
  private final ResultSize resultSize;
  private final AnsweredRows answered;

  /**
   * @param answered rows that have an answer already
   * @param typicalAnswer tokens that an answer has on average
   */
  SplitLoad(
      FileStores stores,
      JobFolder folder,
      RunSpec spec,
      AnsweredRows answered,
      double typicalAnswer) {
    this.answered = answered;
    this.transcriptions = AudioForms.of(stores, spec);
    this.folder = folder;
    this.parser = new RequestLineParser(spec.lineRules());
    this.maxLineBytes = spec.maxLineBytes();
    this.jobModel = spec.options().find(ModelOptions.MODEL).orElse("");
    this.estimator = new TokenEstimator(jobModel, typicalAnswer);
    this.resultSize =
        new ResultSize(
            spec.options().find(ModelOptions.EMBEDDINGS_ENCODING).stream()
                .anyMatch(encoding -> encoding == EmbeddingsEncoding.BASE64));
  }

  /** By model; the empty name stands for requests that name none. */
  SortedMap<String, ModelLoad> of(Split split) {
    Sum sum = new Sum();
    BitSet duplicates = folder.duplicateLines(split.unit());
    BitSet equal = folder.equalLines(split.unit());
    try (LineReader lines =
        new LineReader(
            folder.store().open(split.path(), split.start()), split.start(), maxLineBytes)) {
      for (int line = 0; line < split.lines() && lines.next(); line++) {
        boolean sendable =
            !lines.isBlank() && !lines.tooLong() && !duplicates.get(split.unitLine() + line);
        if (sendable
            && transcriptions.check(parser.parse(lines.bytes(), lines.start(), lines.length()))
                instanceof Request request) {
          sum.add(request, answered.holds(split.index(), line), equal.get(split.unitLine() + line));
        }
      }
      return sum.loads();
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  /** The sum over one split. */
  private final class Sum {
    private final SortedMap<String, ModelLoad> loads = new TreeMap<>();
    private final Map<String, SharedBeginnings> beginnings = new HashMap<>();

    void add(Request request, boolean reused, boolean equal) {
      PromptTexts prompt = PromptTexts.read(request.path(), request.body());
      String model = prompt.model().orElse(jobModel);
      TokenEstimate tokens = estimator.estimate(request.path(), prompt);
      long bytes = resultSize.of(request.path(), prompt.prompts(), tokens);
      ModelLoad load;
      if (reused) {
        load = ModelLoad.reused(tokens, bytes);
      } else if (equal) {
        load = ModelLoad.equal(tokens, bytes);
      } else {
        load = ModelLoad.sent(tokens, bytes);
        if (Endpoints.at(request.path()).cachesBeginnings()) {
          beginnings
              .computeIfAbsent(model, any -> new SharedBeginnings())
              .add(request, tokens.promptTokens());
        }
      }
      loads.merge(model, load, ModelLoad::plus);
    }

    SortedMap<String, ModelLoad> loads() {
      beginnings.forEach(
          (model, shared) ->
              loads.computeIfPresent(model, (any, load) -> load.withCached(shared.cachedTokens())));
      return loads;
    }
  }
}
