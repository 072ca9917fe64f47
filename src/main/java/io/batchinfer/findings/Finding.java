package io.batchinfer.findings;

import java.util.Optional;

/**
 * What the figures of a job say about how it could go better next time.
 *
 * @param code stable name of the rule that found it
 * @param sentence what is the matter, in one sentence for the user
 * @param evidence the figures that it rests on, in one sentence
 * @param advice what to do
 * @param option flag of the option to change; empty where the cause lies elsewhere
 */
public record Finding(
    String code, String sentence, String evidence, String advice, Optional<String> option) {}
