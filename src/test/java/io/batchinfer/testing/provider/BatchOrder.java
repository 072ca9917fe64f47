package io.batchinfer.testing.provider;

import java.util.List;
import java.util.Map;

/**
 * What a batch was created with.
 *
 * @param model of lines that name none; empty where each must
 */
record BatchOrder(
    List<String> inputFiles, String endpoint, String model, Map<String, String> metadata) {}
