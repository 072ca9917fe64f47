package io.batchinfer.store;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks to be created, of either API, with every field checked.
 *
 * @param inputFiles ids as they were given, empty where the requests come along
 * @param requests lines made of the requests that come along, or null
 * @param outputExpiresSeconds seconds that the job's files are kept, or null for ever
 */
public record CreateRequest(
    String endpoint,
    List<String> inputFiles,
    byte @Nullable [] requests,
    long requestCount,
    @Nullable String model,
    @Nullable String agentId,
    @Nullable String deployment,
    Map<String, String> metadata,
    double timeoutHours,
    @Nullable Long outputExpiresSeconds) {}
