package io.batchinfer.testing.provider;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a provider was asked to do, which is what it sends a bill for: the judge of a client.
 * Thread-safe.
 */
public final class ProviderLedger {
  /** Where a client's own id of a batch stands in its metadata. */
  public static final String CLIENTS_ID = "batchinfer_id";

  @GuardedBy("this")
  private final Map<String, Integer> creations = new TreeMap<>();

  @GuardedBy("this")
  private final Map<String, Integer> runs = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, Integer> withheld = new HashMap<>();

  @GuardedBy("this")
  private final List<String> refusals = new ArrayList<>();

  @GuardedBy("this")
  private int uploads;

  @GuardedBy("this")
  private long interactive;

  @GuardedBy("this")
  private long mostPendingRequests;

  @GuardedBy("this")
  private long mostPendingTokens;

  synchronized void uploaded() {
    uploads++;
  }

  synchronized void created(String clientsId) {
    creations.merge(clientsId, 1, Integer::sum);
  }

  synchronized void ran(String bodyHash) {
    runs.merge(bodyHash, 1, Integer::sum);
  }

  synchronized void ranInteractively(String bodyHash) {
    interactive++;
    runs.merge(bodyHash, 1, Integer::sum);
  }

  synchronized void withheld(String bodyHash) {
    withheld.merge(bodyHash, 1, Integer::sum);
  }

  synchronized void refused(String what) {
    refusals.add(what);
  }

  synchronized void pending(long requests, long tokens) {
    mostPendingRequests = Math.max(mostPendingRequests, requests);
    mostPendingTokens = Math.max(mostPendingTokens, tokens);
  }

  /** How many batches were begun under each id of a client; empty is the id of those without. */
  public synchronized Map<String, Integer> creations() {
    return new TreeMap<>(creations);
  }

  /** How often each body was answered and so paid for, in batches and interactively. */
  public synchronized Map<String, Integer> runs() {
    return new HashMap<>(runs);
  }

  /** Answers that were paid for and that no result file had, by body. */
  public synchronized Map<String, Integer> withheld() {
    return new HashMap<>(withheld);
  }

  /** Rows paid for beyond the first time and beyond what a withheld answer makes necessary. */
  public synchronized long paidAgain() {
    long again = 0;
    for (Map.Entry<String, Integer> run : runs.entrySet()) {
      again += Math.max(0, run.getValue() - 1 - withheld.getOrDefault(run.getKey(), 0));
    }
    return again;
  }

  /** Requests that a careful client does not make; what a fault did is not among them. */
  public synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }

  /** Files that were kept. */
  public synchronized int uploads() {
    return uploads;
  }

  /** Rows answered outside batches. */
  public synchronized long interactive() {
    return interactive;
  }

  /** Most requests that were pending at once. */
  public synchronized long mostPendingRequests() {
    return mostPendingRequests;
  }

  /** Most tokens that were pending at once. */
  public synchronized long mostPendingTokens() {
    return mostPendingTokens;
  }
}
