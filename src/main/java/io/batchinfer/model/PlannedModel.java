package io.batchinfer.model;

/**
 * A model that rows of a plan are sent to.
 *
 * @param name as the rows send it, empty for rows that name none
 * @param rows how many there are
 * @param file number of the input file of the first one
 * @param line its physical line there, from 1
 */
public record PlannedModel(String name, long rows, int file, long line) {}
