package io.batchinfer.engine.run;

/**
 * What some tasks are called where a user looks at them.
 *
 * @param root output folder of the run that they are of
 * @param words what they do
 */
public record TaskLabel(String root, String words) {}
