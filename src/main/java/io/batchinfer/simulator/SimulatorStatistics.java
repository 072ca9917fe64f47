package io.batchinfer.simulator;

/**
 * What the simulated endpoint has seen since it started or was reset. Times are in nanoseconds from
 * its start; 0 means never.
 *
 * @param received requests to an endpoint path, whatever became of them
 * @param answered requests that got a complete or a deliberately damaged answer
 * @param ok answers with status 200 to which no fault was added
 * @param limited answers 429 of the limits
 * @param faulty requests that a fault hit
 * @param abandoned requests whose client went away first
 * @param inFlight received and not yet answered or abandoned
 * @param peakInFlight the most there ever were in flight
 * @param waiting requests that wait for a slot
 * @param distinctBodies different requests received
 * @param repeatsAfterSuccess requests received again after they had been answered 200
 * @param promptTokens tokens of the requests answered ok
 * @param cachedPromptTokens prompt tokens among them that were in its prompt cache
 * @param completionTokens tokens of their answers
 * @param firstRequestNanos when the first request came
 * @param lastAnswerNanos when the last answer went
 */
public record SimulatorStatistics(
    long received,
    long answered,
    long ok,
    long limited,
    long faulty,
    long abandoned,
    int inFlight,
    int peakInFlight,
    int waiting,
    int distinctBodies,
    long repeatsAfterSuccess,
    long promptTokens,
    long cachedPromptTokens,
    long completionTokens,
    long firstRequestNanos,
    long lastAnswerNanos) {

  byte[] json() {
    return JsonBytes.of(
        json -> {
          json.writeStartObject();
          json.writeNumberField("received", received);
          json.writeNumberField("answered", answered);
          json.writeNumberField("ok", ok);
          json.writeNumberField("limited", limited);
          json.writeNumberField("faulty", faulty);
          json.writeNumberField("abandoned", abandoned);
          json.writeNumberField("in_flight", inFlight);
          json.writeNumberField("peak_in_flight", peakInFlight);
          json.writeNumberField("waiting", waiting);
          json.writeNumberField("distinct_bodies", distinctBodies);
          json.writeNumberField("repeats_after_success", repeatsAfterSuccess);
          json.writeNumberField("prompt_tokens", promptTokens);
          json.writeNumberField("cached_prompt_tokens", cachedPromptTokens);
          json.writeNumberField("completion_tokens", completionTokens);
          json.writeNumberField("first_request_nanos", firstRequestNanos);
          json.writeNumberField("last_answer_nanos", lastAnswerNanos);
          json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
          json.writeEndObject();
        });
  }
}
