package io.batchinfer.testing.provider;

/**
 * Why a batch was not begun.
 *
 * @param line of the input file, from 1; 0 for the file as a whole
 * @param param empty for the line as a whole
 */
record LineError(String code, int line, String param, String message) {}
