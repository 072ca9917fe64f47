package io.batchinfer.engine.send;

import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.TokenGuess;
import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.Split;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.remote.BatchFill;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RequestFile;
import io.batchinfer.remote.RequestInputs;
import io.batchinfer.remote.RowList;
import io.batchinfer.remote.RowName;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the open rows of splits that a batch service is to answer, writes down which they are, and
 * says how they add up. Sends nothing. Runs on executors.
 */
public final class RemoteCut {
  private final JobView job;
  private final RowRequests requests;
  private final RemoteFolder folder;
  private final int round;
  private final BatchFill fill;

  /**
   * @param round number of the cut
   * @param fill what a batch may hold
   */
  public RemoteCut(RunSpec spec, FileStore store, int round, BatchFill fill) {
    JobFolder jobFolder = new JobFolder(store, spec.root());
    this.job = JobView.read(spec, jobFolder);
    this.requests = new RowRequests(job, AudioForms.of(store, spec));
    this.folder = new RemoteFolder(jobFolder);
    this.round = round;
    this.fill = fill;
  }

  /** What a split has for the round. */
  public List<Chunk> cut(SplitClaim claimed) {
    Split split = job.split(claimed.split());
    Replay replay =
        Replay.of(job.folder().store(), job.folder().segments(), split.index(), claimed.segments());
    RowsToSend rows = RowsToSend.of(job.folder(), job.plan(), job.keys(), claimed, replay);
    try (SharedAnswers shared = SharedAnswers.of(job, split, claimed);
        RemoteAnswers remote = RemoteAnswers.toCut(job, split)) {
      RowFates fates =
          new RowFates(RowFates.LineChecks.of(job, requests, split, rows), null, shared, remote);
      try (SplitLines lines = new SplitLines(job, split, rows, fates, line -> {})) {
        return cut(split, lines);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + split.path() + "\"", e);
    }
  }

  private List<Chunk> cut(Split split, OpenRows rows) throws IOException {
    RowList list = new RowList();
    Map<List<String>, OpenChunk> open = new LinkedHashMap<>();
    List<Chunk> chunks = new ArrayList<>();
    for (OpenRow row = rows.next(); row != null; row = rows.next()) {
      if (row.fate() instanceof RowFate.Sent sent && takes(sent.request())) {
        Request request = sent.request();
        Load load = load(split, row.line(), request);
        list.add(row.line(), request.path(), request.model());
        List<String> target = List.of(request.path(), request.model());
        OpenChunk chunk = open.computeIfAbsent(target, unused -> new OpenChunk(split, request));
        if (!chunk.add(row.line(), load, fill.mostOfChunk())) {
          chunks.add(chunk.closed());
          OpenChunk next = new OpenChunk(split, request);
          boolean unused = next.add(row.line(), load, fill.mostOfChunk());
          open.put(target, next);
        }
      }
    }
    open.values().forEach(chunk -> chunks.add(chunk.closed()));
    if (!chunks.isEmpty()) {
      list.write(folder, round, split.index());
    }
    return chunks;
  }

  /** Whether a batch can hold a row: a form goes out by itself. */
  private boolean takes(Request request) {
    return Endpoints.at(request.path()).fileField().isEmpty()
        && RequestFile.lineBytes(Long.MAX_VALUE, request.path(), request.body()) <= fill.maxBytes();
  }

  private static Load load(Split split, int line, Request request) {
    long tokens = TokenGuess.of(request);
    return new Load(
        1,
        Endpoints.at(request.path())
            .inputsField()
            .map(field -> RequestInputs.count(request.body(), field))
            .orElse(1L),
        RequestFile.lineBytes(RowName.key(split.index(), line), request.path(), request.body()),
        tokens,
        TokenGuess.ofPrompt(request));
  }

  /** A chunk that more rows may join. */
  private static final class OpenChunk {
    private final int split;
    private final Request first;
    private int from = -1;
    private int to;
    private Load load = Load.NONE;

    OpenChunk(Split split, Request first) {
      this.split = split.index();
      this.first = first;
    }

    /** Takes a row; false where it would be too much. */
    boolean add(int line, Load more, Load most) {
      Load with = load.plus(more);
      boolean fits =
          with.rows() <= most.rows()
              && with.inputs() <= most.inputs()
              && with.bytes() <= most.bytes()
              && with.tokens() <= most.tokens();
      if (from >= 0 && !fits) {
        return false;
      }
      from = from < 0 ? line : from;
      to = line + 1;
      load = with;
      return true;
    }

    Chunk closed() {
      return new Chunk(first.path(), first.model(), new Piece(split, from, to), load);
    }
  }
}
