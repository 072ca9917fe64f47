/** Whole runs of the built product: real processes, real sockets, a real standalone cluster. */
package io.batchinfer.integration;
