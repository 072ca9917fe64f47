package io.batchinfer.engine.run;

import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.send.DriverClient;
import java.io.Serializable;
import java.util.HashMap;
import java.util.UUID;

/**
 * What a task on batches is told: the run's options and a token, no secret.
 *
 * @param pricing as text
 * @param endpointName name of the authority's endpoint at the driver
 */
record RemoteSetting(
    HashMap<String, String> options,
    String jobHash,
    String root,
    String pricing,
    String token,
    String endpointName)
    implements Serializable {

  RunSpec spec() {
    return RunSpec.ofStrings(options, jobHash, root, "", pricing);
  }

  /** What only goes over the wire, asked of the driver. */
  RunSecrets secrets(TaskPlace here) {
    return new DriverClient(
            here.driver(endpointName), token, "b" + UUID.randomUUID().toString().replace("-", ""))
        .secrets(here.process());
  }
}
