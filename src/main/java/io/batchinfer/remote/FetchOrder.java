package io.batchinfer.remote;

import java.util.List;

/**
 * What is to be read of a batch that is over.
 *
 * @param files of its answers, at the provider
 * @param lines that they hold at least, as far as the provider has counted; fewer are not all
 * @param unansweredCode what a row without a line is taken for, if any may be: else all must come
 * @param unansweredMessage words for that
 * @param refused lines of the file of requests, from 1, that the provider refused
 * @param refusals its words for each
 */
public record FetchOrder(
    List<String> files,
    long lines,
    String unansweredCode,
    String unansweredMessage,
    List<Long> refused,
    List<String> refusals) {}
