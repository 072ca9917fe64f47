package io.batchinfer.integration;

import io.batchinfer.integration.EndpointLog.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What every killed process cost, told from the endpoint's log alone. */
final class Disturbances {
  /** How long a process that lost its driver may take to end. */
  private static final long TO_COME_LOOSE = Duration.ofSeconds(12).toMillis();

  /** How long a busy endpoint may take to notice that the client of an answer is gone. */
  private static final long ANSWERED_LATE = Duration.ofSeconds(1).toMillis();

  private final EndpointLog log;
  private final List<Kill> kills;
  private final long flushMillis;
  private final Map<Long, Integer> killerOfConnection = new HashMap<>();
  private final int[] inFlight;
  private final int[] unflushed;
  private final int[] resent;

  private Disturbances(EndpointLog log, List<Kill> kills, Duration flushInterval) {
    this.log = log;
    this.kills = kills;
    this.flushMillis = flushInterval.toMillis();
    this.inFlight = new int[kills.size()];
    this.unflushed = new int[kills.size()];
    this.resent = new int[kills.size()];
  }

  /** Who is disturbed, and how. */
  enum Victim {
    EXECUTOR,
    DRIVER,
    /** The driver again, by SIGTERM, which it may answer by saving everything. */
    DRIVER_ASKED_TO_END
  }

  /** One disturbance and when it happened, in epoch milliseconds. */
  record Kill(int number, Victim victim, long at) {}

  /**
   * What one kill cost.
   *
   * @param inFlight requests of the killed process, or of those that went with it, under way then
   * @param unflushed answers they had got within a flush interval before
   * @param resent requests sent again because of it
   */
  record Cost(Kill kill, int inFlight, int unflushed, int resent) {
    int allowed() {
      return inFlight + unflushed;
    }
  }

  /** Books every repeated request on the kill that made it necessary. */
  static List<Cost> of(EndpointLog log, List<Kill> kills, Duration flushInterval) {
    return new Disturbances(log, kills, flushInterval).costs();
  }

  private List<Cost> costs() {
    Map<Long, List<Call>> connections = new HashMap<>();
    for (Call call : log.calls()) {
      connections.computeIfAbsent(call.connection(), unused -> new ArrayList<>()).add(call);
    }
    connections.forEach(
        (connection, calls) -> {
          Call last = calls.get(calls.size() - 1);
          int killer = killerOf(last);
          if (killer >= 0) {
            long at = kills.get(killer).at();
            killerOfConnection.put(connection, killer);
            inFlight[killer] += last.ended() >= at ? 1 : 0;
            unflushed[killer] +=
                (int)
                    calls.stream()
                        .filter(call -> call.ended() < at && call.ended() >= at - flushMillis)
                        .count();
          }
        });
    for (List<Call> calls : log.byRow().values()) {
      for (int i = 1; i < calls.size(); i++) {
        Call before = calls.get(i - 1);
        int killer = killerOfConnection.getOrDefault(before.connection(), -1);
        resent[killer >= 0 ? killer : firstKillAfter(before)]++;
      }
    }
    List<Cost> costs = new ArrayList<>();
    for (int i = 0; i < kills.size(); i++) {
      costs.add(new Cost(kills.get(i), inFlight[i], unflushed[i], resent[i]));
    }
    return costs;
  }

  /** The kill that ended the connection with this last call, or -1. */
  private int killerOf(Call last) {
    long toComeLoose = last.isAnswered() ? ANSWERED_LATE : TO_COME_LOOSE;
    int found = -1;
    for (Kill kill : kills) {
      if (kill.at() <= last.ended() + flushMillis && last.ended() <= kill.at() + toComeLoose) {
        found = kill.number() - 1;
      }
    }
    return found;
  }

  private int firstKillAfter(Call call) {
    for (Kill kill : kills) {
      if (kill.at() >= call.arrived()) {
        return kill.number() - 1;
      }
    }
    return kills.size() - 1;
  }

  /** The costs as a table with their sum, for people. */
  static String table(List<Cost> costs, EndpointLog log, long rows) {
    StringBuilder table = new StringBuilder();
    table.append(
        "%-5s%-22s%10s%11s%9s%n".formatted("kill", "victim", "in flight", "unflushed", "re-sent"));
    for (Cost cost : costs) {
      table.append(
          "%-5d%-22s%10d%11d%9d%n"
              .formatted(
                  cost.kill().number(),
                  cost.kill().victim(),
                  cost.inFlight(),
                  cost.unflushed(),
                  cost.resent()));
    }
    return table
        .append(
            "%d rows, %d requests; re-sent %d, %.1f per kill -9, %.2f %% of all rows%n"
                .formatted(
                    rows, log.calls().size(), log.resent(), meanPerKill(costs), percent(log, rows)))
        .toString();
  }

  private static double meanPerKill(List<Cost> costs) {
    return costs.stream()
        .filter(cost -> cost.kill().victim() != Victim.DRIVER_ASKED_TO_END)
        .mapToInt(Cost::resent)
        .average()
        .orElse(0);
  }

  static double percent(EndpointLog log, long rows) {
    return 100.0 * log.resent() / rows;
  }
}
