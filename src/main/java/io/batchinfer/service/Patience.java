package io.batchinfer.service;

import java.time.Duration;

/**
 * How long the service waits for clients that are slow, or seem to be.
 *
 * @param look how often connections are looked at
 * @param firstHead from a connection to the end of its first head
 * @param nextHead from an answer to the end of the next head
 * @param body from the head to the end of a body that is not an upload
 * @param upload in which an upload must bring {@link Upload#LEAST_BYTES}
 * @param download in which a client must take the next piece of an answer
 * @param linger in which a client may see the refusal of what it is still sending
 * @param idle in which a connection must move at all; whole milliseconds
 */
record Patience(
    Duration look,
    Duration firstHead,
    Duration nextHead,
    Duration body,
    Duration upload,
    Duration download,
    Duration linger,
    Duration idle) {
  static final Patience DEFAULT =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(75),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(2),
          Duration.ofSeconds(120));
}
