package io.batchinfer.service.keys;

import io.batchinfer.store.WorkspaceSaving;
import java.util.Optional;

/** The settings of a workspace as the keys file has them; what is not set is empty. */
record WorkspaceSettings(
    Optional<String> apiKeyEnv,
    Optional<String> apiKeyFile,
    Optional<Integer> concurrency,
    Optional<Double> maxCost,
    Optional<Long> requestsPerMinute,
    WorkspaceSaving saving) {}
