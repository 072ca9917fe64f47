package io.batchinfer.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.batchinfer.job.JobFolder;
import io.batchinfer.json.Json;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The batches of a job at a provider, each with what it holds and how far it is. Every change is
 * durable when its method returns. For the owner of the output; for one thread.
 */
public final class RemoteBook {
  private final RemoteFolder folder;
  private final FileStore store;
  private final String prefix;
  private final NavigableMap<Integer, Round> rounds = new TreeMap<>();
  private final NavigableMap<Integer, BatchNote> notes = new TreeMap<>();

  /**
   * A cut of the rows that were open then.
   *
   * @param done whether all of it is read and sorted
   */
  private record Round(SortedMap<Integer, RemoteWork> works, boolean done) {}

  /** What a round is in its file. */
  private record Entry(int number, RemoteWork work) {}

  /** All entries. */
  private record Entries(List<Entry> batches) {}

  /**
   * Reads what earlier runs wrote.
   *
   * @param prefix what the own ids of the job's batches begin with
   */
  public static RemoteBook read(JobFolder job, String prefix) {
    RemoteBook book = new RemoteBook(new RemoteFolder(job), prefix);
    int round = 0;
    while (book.store.find(book.folder.round(round)).isPresent()) {
      Entries entries = book.parse(book.folder.round(round), Entries.class);
      SortedMap<Integer, RemoteWork> works = new TreeMap<>();
      for (Entry entry : entries.batches()) {
        works.put(entry.number(), entry.work());
        String path = book.folder.note(entry.number());
        book.notes.put(
            entry.number(),
            book.store.find(path).isPresent()
                ? book.parse(path, BatchNote.class)
                : book.planned(entry.number(), round));
      }
      boolean done = book.store.find(book.folder.roundDone(round)).isPresent();
      book.rounds.put(round, new Round(works, done));
      round++;
    }
    return book;
  }

  private RemoteBook(RemoteFolder folder, String prefix) {
    this.folder = folder;
    this.store = folder.store();
    this.prefix = prefix;
  }

  private BatchNote planned(int number, int round) {
    return BatchNote.planned(
        number, round, prefix + "-" + UUID.randomUUID().toString().substring(0, 13));
  }

  private <T> T parse(String path, Class<T> type) {
    try {
      return Json.MAPPER.readValue(store.readAll(path), type);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private void write(String path, Object record) {
    try {
      store.replace(path, Json.MAPPER.writeValueAsBytes(record));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and texts is always writable", e);
    }
  }

  /** Number of the next cut. */
  public int nextRound() {
    return rounds.isEmpty() ? 0 : rounds.lastKey() + 1;
  }

  /** Whether the last cut has batches that are not all read and sorted. */
  public boolean hasOpenRound() {
    return !rounds.isEmpty() && !rounds.lastEntry().getValue().done();
  }

  /** Writes down what the batches of the next round hold. */
  public void begin(List<RemoteWork> works) {
    SortedMap<Integer, RemoteWork> numbered = new TreeMap<>();
    int number = notes.isEmpty() ? 0 : notes.lastKey() + 1;
    int round = nextRound();
    for (RemoteWork work : works) {
      numbered.put(number++, work);
    }
    save(round, numbered);
  }

  private void save(int round, SortedMap<Integer, RemoteWork> works) {
    List<Entry> entries = new ArrayList<>();
    works.forEach((number, work) -> entries.add(new Entry(number, work)));
    write(folder.round(round), new Entries(entries));
    rounds.put(round, new Round(works, false));
    works.keySet().forEach(number -> notes.computeIfAbsent(number, key -> planned(key, round)));
  }

  /** Puts two batches in the place of one that was never taken; false where it cannot be halved. */
  public boolean halve(BatchNote note) {
    Round round = rounds.get(note.round());
    List<RemoteWork> halves = work(note).halves();
    if (round == null || halves.size() < 2) {
      return false;
    }
    SortedMap<Integer, RemoteWork> works = new TreeMap<>(round.works());
    works.remove(note.number());
    int number = notes.lastKey() + 1;
    for (RemoteWork half : halves) {
      works.put(number++, half);
    }
    save(note.round(), works);
    notes.remove(note.number());
    return true;
  }

  /** The last cut is read and sorted. */
  public void finishRound() {
    int round = rounds.lastKey();
    store.replace(folder.roundDone(round), new byte[0]);
    Round last = rounds.lastEntry().getValue();
    rounds.put(round, new Round(last.works(), true));
  }

  public RemoteWork work(BatchNote note) {
    Round round = rounds.get(note.round());
    RemoteWork work = round == null ? null : round.works().get(note.number());
    if (work == null) {
      throw new IllegalArgumentException("no batch " + note.number());
    }
    return work;
  }

  /** The batches of the last cut. */
  public List<BatchNote> ofLastRound() {
    int round = nextRound() - 1;
    return notes.values().stream().filter(note -> note.round() == round).toList();
  }

  /** The batches of all cuts. */
  public Collection<BatchNote> all() {
    return Collections.unmodifiableCollection(notes.values());
  }

  /** Writes a batch down as it is now. */
  public void write(BatchNote note) {
    write(folder.note(note.number()), note);
    notes.put(note.number(), note);
  }
}
