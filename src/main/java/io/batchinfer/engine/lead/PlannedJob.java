package io.batchinfer.engine.lead;

import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;

/**
 * A job whose requests are known.
 *
 * @param hash what the ids of its rows are made from
 */
public record PlannedJob(Plan plan, Hash128 hash, JobPrices prices) {}
