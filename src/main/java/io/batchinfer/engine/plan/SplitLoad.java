package io.batchinfer.engine.plan;

import io.batchinfer.config.EmbeddingsEncoding;
import io.batchinfer.config.Options;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.TokenEstimate;
import io.batchinfer.estimate.TokenEstimator;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptTexts;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.BitSet;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts the tokens of every row of a split that would be sent, equal ones once. Thread-safe. */
final class SplitLoad {
  private final JobFolder folder;
  private final RequestLineParser parser;
  private final AudioForms transcriptions;
  private final int maxLineBytes;
  private final String jobModel;
  private final TokenEstimator estimator;
  private final ResultSize resultSize;

  SplitLoad(FileStores stores, JobFolder folder, RunSpec spec) {
    this.transcriptions = AudioForms.of(stores, spec);
    this.folder = folder;
    this.parser = new RequestLineParser(spec.lineRules());
    this.maxLineBytes = spec.maxLineBytes();
    this.jobModel = spec.options().find(Options.MODEL).orElse("");
    this.estimator = new TokenEstimator(jobModel);
    this.resultSize =
        new ResultSize(
            spec.options().find(Options.EMBEDDINGS_ENCODING).stream()
                .anyMatch(encoding -> encoding == EmbeddingsEncoding.BASE64));
  }

  /** By model; the empty name stands for requests that name none. */
  SortedMap<String, ModelLoad> of(Split split) {
    SortedMap<String, ModelLoad> loads = new TreeMap<>();
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
          add(loads, request, equal.get(split.unitLine() + line));
        }
      }
      return loads;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  private void add(SortedMap<String, ModelLoad> loads, Request request, boolean copied) {
    PromptTexts prompt = PromptTexts.read(request.path(), request.body());
    TokenEstimate tokens = estimator.estimate(request.path(), prompt);
    long bytes = resultSize.of(request.path(), prompt.prompts(), tokens);
    // A row that gets the answer of an equal one is written and not paid.
    ModelLoad load =
        copied ? new ModelLoad(0, TokenEstimate.NONE, bytes) : new ModelLoad(1, tokens, bytes);
    loads.merge(prompt.model().orElse(jobModel), load, ModelLoad::plus);
  }
}
