package io.batchinfer.engine.plan;

import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;

/**
 * An output of an earlier job whose answers a job may take over.
 *
 * @param root its qualified path
 * @param hash what the ids of its rows are made from
 */
public record EarlierAnswers(String root, Plan plan, Hash128 hash) {}
