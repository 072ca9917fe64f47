package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.spark.EndReasons.End;

/** What the user reads when an endpoint's refusals end a job: what, why, and what to do. */
final class StopMessages {
  private StopMessages() {}

  static End end(StopReason stop, ResolvedOptions options) {
    String base = String.join("\", \"", options.get(Options.BASE_URL));
    String said = stop.detail().isEmpty() ? "" : " (" + stop.detail() + ")";
    String keySource =
        options
            .find(Options.API_KEY_FILE)
            .map(file -> "file \"" + file + "\"")
            .or(() -> options.find(Options.API_KEY_ENV).map(name -> "variable \"" + name + "\""))
            .orElse("no key, since none is configured with --api-key-env or --api-key-file");
    String message =
        switch (stop.code()) {
          case AUTHENTICATION_FAILED ->
              "Endpoint \"%s\" does not accept the key%s; the key comes from %s. Nothing more was sent; mend the key and give the same command again."
                  .formatted(base, said, keySource);
          case MODEL_NOT_FOUND ->
              "Endpoint \"%s\" answered 404 to the first requests%s. Check --model (\"%s\") and --base-url, then give the same command again."
                  .formatted(base, said, options.find(Options.MODEL).orElse("as the lines say"));
          case HOST_UNREACHABLE ->
              "Endpoint \"%s\" cannot be reached%s. Check --base-url, the network and any proxy, then give the same command again."
                  .formatted(base, said);
          case INSUFFICIENT_QUOTA ->
              "The account behind the key has no credit left at \"%s\"%s. Top it up and give the same command again."
                  .formatted(base, said);
          case COOL_DOWN_TOO_LONG ->
              "Endpoint \"%s\" asks for a pause beyond --max-cool-down: %s. Give the same command again later."
                  .formatted(base, stop.detail());
          default -> "Stopped: " + stop.code().description() + said;
        };
    JobStatus status =
        stop.code() == ErrorCode.COOL_DOWN_TOO_LONG ? JobStatus.COOLING_DOWN : JobStatus.STOPPED;
    return new End(status, message, stop.code().exitCode());
  }
}
