package io.batchinfer.remote;

import io.batchinfer.client.http.ApiClient;
import io.batchinfer.remote.BatchNote.Result;
import io.batchinfer.remote.RemoteException.Kind;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * Reads what a provider has of a batch that is over, and keeps one line for each of its rows: all
 * of them, or nothing. Half a file is not believed. Runs on executors; for one thread.
 */
public final class RemoteFetch {
  private final RemoteBatchApi api;
  private final RemoteFolder folder;
  private final int maxLineBytes;
  private final ToLongFunction<RemoteLine> cost;

  /**
   * @param maxLineBytes longer lines are not read
   * @param cost of an answer, in billionths of the currency's unit
   */
  public RemoteFetch(
      RemoteBatchApi api, RemoteFolder folder, int maxLineBytes, ToLongFunction<RemoteLine> cost) {
    this.api = api;
    this.folder = folder;
    this.maxLineBytes = maxLineBytes;
    this.cost = cost;
  }

  /** Reads a batch; says why not where that is to be tried again. */
  public Fetched fetch(BatchNote note, RemoteWork work, FetchOrder order)
      throws InterruptedException {
    Reading reading = new Reading(note, work);
    String path = folder.lines(note.number());
    FileStore store = folder.store();
    String temporary = folder.temporary(path);
    boolean whole = false;
    try {
      try (OutputStream out = new BufferedOutputStream(store.create(temporary))) {
        for (int i = 0; i < order.refused().size(); i++) {
          reading.refused(order.refused().get(i), order.refusals().get(i), out);
        }
        for (String file : order.files()) {
          reading.read(file, out);
        }
        reading.rest(order, out);
      }
      store.publish(temporary, path);
      whole = true;
      return new Fetched(reading.result(), "", false);
    } catch (RemoteException e) {
      return new Fetched(null, String.valueOf(e.getMessage()), e.kind() == Kind.REFUSED);
    } catch (UnreadableFile e) {
      return new Fetched(null, String.valueOf(e.getMessage()), false);
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    } finally {
      if (!whole) {
        store.delete(temporary);
      }
    }
  }

  /** A file of answers that is not what it has to be, as yet. */
  private static final class UnreadableFile extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableFile(String message) {
      super(message);
    }
  }

  private final class Reading {
    private final Set<Long> open = new TreeSet<>();
    private final Set<Long> read = new HashSet<>();
    private final long[] inOrder;
    private long unanswered;
    private long repeated;
    private long foreign;
    private long billionths;

    Reading(BatchNote note, RemoteWork work) {
      for (Piece piece : work.pieces()) {
        RowList rows = RowList.read(folder, note.round(), piece.split());
        for (int line : rows.lines(piece, work.endpoint(), work.model())) {
          open.add(RowName.key(piece.split(), line));
        }
      }
      inOrder = open.stream().mapToLong(Long::longValue).toArray();
    }

    /** A row whose line the provider refused before anything ran. */
    void refused(long line, String words, OutputStream out) throws IOException {
      if (line >= 1 && line <= inOrder.length && open.remove(inOrder[(int) line - 1])) {
        long key = inOrder[(int) line - 1];
        read.add(key);
        out.write(RemoteLine.refused(key, words));
        out.write('\n');
      }
    }

    void read(String file, OutputStream out) throws IOException, InterruptedException {
      Path local = Files.createTempFile("batchinfer-answers-", ".jsonl");
      try {
        api.download(file, local);
        try (InputStream in = Files.newInputStream(local)) {
          read(file, in, out);
        }
      } finally {
        ApiClient.discard(local);
      }
    }

    private void read(String file, InputStream in, OutputStream out) throws IOException {
      LineReader lines = new LineReader(in, 0, maxLineBytes);
      while (lines.next()) {
        if (lines.isBlank()) {
          continue;
        }
        if (lines.tooLong()) {
          throw new UnreadableFile(
              "a line of the file \"%s\" is longer than %,d bytes".formatted(file, maxLineBytes));
        }
        RemoteLine line;
        try {
          line = RemoteLine.read(lines.bytes(), lines.start(), lines.length());
        } catch (IOException e) {
          throw new UnreadableFile(
              "the file \"%s\" is not whole: %s".formatted(file, e.getMessage()));
        }
        OptionalLong key = RowName.keyOf(line.name());
        if (key.isPresent() && open.remove(key.getAsLong())) {
          read.add(key.getAsLong());
          unanswered += line.isFinal() ? 0 : 1;
          billionths += cost.applyAsLong(line);
          out.write(lines.bytes(), lines.start(), lines.length());
          out.write('\n');
        } else if (key.isPresent() && read.contains(key.getAsLong())) {
          repeated++;
        } else {
          foreign++;
        }
      }
    }

    /** Gives the rows without a line one, where they may have none. */
    void rest(FetchOrder order, OutputStream out) throws IOException {
      if (foreign > 0) {
        throw new UnreadableFile(
            "%,d lines of its files are of no row of the batch".formatted(foreign));
      }
      boolean all = read.size() >= order.lines();
      if (!open.isEmpty() && (!all || order.unansweredCode().isEmpty())) {
        throw new UnreadableFile(
            "its files hold %,d of %,d lines as yet"
                .formatted(read.size(), read.size() + open.size()));
      }
      for (long key : open) {
        out.write(RemoteLine.unanswered(key, order.unansweredCode(), order.unansweredMessage()));
        out.write('\n');
      }
      unanswered += open.size();
    }

    Result result() {
      return new Result(inOrder.length, unanswered, repeated, billionths);
    }
  }
}
