package io.batchinfer.engine.lead;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.remote.BatchApiStub;
import io.batchinfer.remote.BatchFill;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.FetchOrder;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.RemoteBatch;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBatch.Problem;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.RemoteException.Kind;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.Uploaded;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * A provider of batches, and what executors do for them, in memory and as the test says. The driver
 * itself neither uploads nor downloads.
 */
final class ScriptedBatches extends BatchApiStub implements RemoteTasks {
  /** Files that are stored, by id. */
  final Map<String, String> stored = new LinkedHashMap<>();

  /** Batches that are there, by id. */
  final Map<String, RemoteBatch> batches = new LinkedHashMap<>();

  /** What was asked for, in order. */
  final List<String> calls = new ArrayList<>();

  final List<Order> orders = new ArrayList<>();
  final List<FetchOrder> fetches = new ArrayList<>();
  final List<Integer> sorted = new ArrayList<>();

  /** What the next calls of that name meet, the first first. */
  private final Map<String, Deque<RemoteException>> refusals = new LinkedHashMap<>();

  private final Map<String, Runnable> onCall = new LinkedHashMap<>();

  /** Whether a creation that fails takes place all the same. */
  boolean takesEffect;

  /** How a new batch is. */
  Phase phase = Phase.RUNNING;

  List<Problem> problems = List.of();

  /** What reading a batch comes to. */
  Fetched fetched = new Fetched(new BatchNote.Result(3, 0, 0, 0), "", false);

  /** Whether a list shows what was created. */
  boolean listed = true;

  /** What rounds have, the first first; nothing afterwards. */
  final Deque<List<Chunk>> rounds = new ArrayDeque<>();

  private int files;

  void refuse(String call, Kind kind, String code, Duration retryAfter) {
    refusals
        .computeIfAbsent(call, unused -> new ArrayDeque<>())
        .add(
            new RemoteException(
                kind,
                code,
                call + " refused",
                Optional.of(retryAfter).filter(wait -> !wait.isZero()),
                null));
  }

  void refuse(String call, Kind kind) {
    refuse(call, kind, "", Duration.ZERO);
  }

  /** Has something done whenever that is called. */
  void whenAsked(String call, Runnable what) {
    onCall.put(call, what);
  }

  private void called(String call) {
    calls.add(call);
    onCall.getOrDefault(call, () -> {}).run();
    Deque<RemoteException> waiting = refusals.getOrDefault(call, new ArrayDeque<>());
    if (!waiting.isEmpty()) {
      throw waiting.remove();
    }
  }

  /** Lets all batches be in that state. */
  void all(Phase now, String status) {
    batches.replaceAll(
        (id, batch) ->
            new RemoteBatch(
                id,
                now,
                status,
                new RemoteBatch.Counts(3, 3, 0),
                List.of("out-" + id),
                problems,
                batch.inputFile(),
                batch.ownId()));
  }

  long times(String call) {
    return calls.stream().filter(call::equals).count();
  }

  @Override
  public List<StoredFile> files(String namePrefix) {
    called("files");
    return stored.entrySet().stream()
        .filter(file -> file.getValue().startsWith(namePrefix))
        .map(file -> new StoredFile(file.getKey(), file.getValue(), 77))
        .toList();
  }

  @Override
  public RemoteBatch create(Order order) {
    orders.add(order);
    try {
      called("create");
    } catch (RemoteException e) {
      if (takesEffect) {
        make(order);
      }
      throw e;
    }
    return make(order);
  }

  private RemoteBatch make(Order order) {
    String id = "batch-" + (batches.size() + 1);
    RemoteBatch batch =
        new RemoteBatch(
            id,
            phase,
            phase == Phase.REFUSED ? "failed" : "in_progress",
            new RemoteBatch.Counts(3, 0, 0),
            List.of(),
            problems,
            order.inputFile(),
            order.ownId());
    batches.put(id, batch);
    return batch;
  }

  @Override
  public Optional<RemoteBatch> find(Order order) {
    called("find");
    return batches.values().stream()
        .filter(batch -> listed && batch.ownId().equals(order.ownId()))
        .findFirst();
  }

  @Override
  public RemoteBatch get(String id) {
    called("get");
    RemoteBatch batch = batches.get(id);
    if (batch == null) {
      throw new AssertionError("no batch " + id);
    }
    return batch;
  }

  @Override
  public void cancel(String id) {
    called("cancel");
    calls.add("cancel " + id);
  }

  @Override
  public void delete(String file) {
    called("delete");
    calls.add("delete " + file);
    stored.remove(file);
  }

  @Override
  public Future<List<Chunk>> cut(List<SplitClaim> splits, int round, BatchFill fill) {
    called("cut");
    return CompletableFuture.completedFuture(rounds.isEmpty() ? List.of() : rounds.remove());
  }

  @Override
  public Future<Uploaded> upload(BatchNote note, RemoteWork work) {
    try {
      called("upload");
    } catch (RemoteException e) {
      return CompletableFuture.completedFuture(
          new Uploaded("", 0, String.valueOf(e.getMessage()), e.kind()));
    }
    String id = "file-" + ++files;
    stored.put(id, note.fileName());
    return CompletableFuture.completedFuture(new Uploaded(id, 77, "", null));
  }

  @Override
  public Future<Fetched> fetch(BatchNote note, RemoteWork work, FetchOrder order) {
    called("fetch");
    fetches.add(order);
    return CompletableFuture.completedFuture(fetched);
  }

  @Override
  public Future<Void> sort(int round, List<Integer> read) {
    sorted.addAll(read);
    return CompletableFuture.completedFuture(null);
  }
}
