package io.batchinfer.integration;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the simulated endpoint has received, in order of arrival: the judge of what was sent. */
record EndpointLog(List<Call> calls) {

  /**
   * One request.
   *
   * @param id the row's custom_id
   * @param connection number of the connection it came on
   * @param client address that it came from
   * @param port of the client's end of the connection
   * @param arrived when its body was complete, in epoch milliseconds
   * @param ended when it was answered or its client had gone, in epoch milliseconds
   * @param status of the answer; 0 when the client had gone first
   */
  record Call(
      String id, long connection, String client, int port, long arrived, long ended, int status) {
    boolean isAnswered() {
      return status == 200;
    }
  }

  static EndpointLog read(Path file) {
    List<Call> calls = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode call = LocalRun.JSON.readTree(line);
        calls.add(
            new Call(
                call.path("custom").asText(),
                call.path("connection").asLong(),
                call.path("client").asText(),
                call.path("port").asInt(),
                call.path("arrived_millis").asLong(),
                call.path("answered_millis").asLong(),
                call.path("status").asInt(0)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    calls.sort(Comparator.comparingLong(Call::arrived));
    return new EndpointLog(calls);
  }

  /** The requests of every row, in order of arrival. */
  Map<String, List<Call>> byRow() {
    Map<String, List<Call>> rows = new TreeMap<>();
    calls.forEach(call -> rows.computeIfAbsent(call.id(), unused -> new ArrayList<>()).add(call));
    return rows;
  }

  /**
   * All requests on connections that were a client's own at some moment: a port may have another
   * owner later.
   *
   * @param ports of the client at that moment
   * @param moment in epoch milliseconds
   */
  List<Call> onConnectionsOf(Set<Integer> ports, long moment) {
    Set<Long> connections = new HashSet<>();
    for (Call call : calls) {
      if (call.arrived() <= moment && ports.contains(call.port())) {
        connections.add(call.connection());
      }
    }
    return calls.stream().filter(call -> connections.contains(call.connection())).toList();
  }

  /** Requests beyond the first of every row. */
  int resent() {
    return calls.size() - byRow().size();
  }
}
