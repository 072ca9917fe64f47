package io.batchinfer.config;

import java.util.Optional;

/** Names of the reply headers in which a provider states its limits; empty where it states none. */
public record RateLimitHeaders(
    Optional<String> limitRequests,
    Optional<String> remainingRequests,
    Optional<String> resetRequests,
    Optional<String> limitTokens,
    Optional<String> remainingTokens,
    Optional<String> resetTokens) {}
