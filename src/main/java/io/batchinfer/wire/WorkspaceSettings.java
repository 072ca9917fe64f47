package io.batchinfer.wire;

import java.util.Optional;

/** The settings of a workspace as the keys file has them; what is not set is empty. */
public record WorkspaceSettings(
    Optional<String> apiKeyEnv,
    Optional<String> apiKeyFile,
    Optional<Integer> concurrency,
    Optional<Double> maxCost,
    Optional<Long> requestsPerMinute) {}
