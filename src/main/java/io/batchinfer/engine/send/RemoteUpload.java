package io.batchinfer.engine.send;

import io.batchinfer.client.http.ApiClient;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Split;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.RemoteException.Kind;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.RequestFile;
import io.batchinfer.remote.RowList;
import io.batchinfer.remote.RowName;
import io.batchinfer.remote.Uploaded;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the file of requests of a batch from the input, and stores it. Runs on executors. */
public final class RemoteUpload {
  private final JobView job;
  private final RowRequests requests;
  private final RemoteFolder folder;

  public RemoteUpload(RunSpec spec, FileStore store) {
    JobFolder jobFolder = new JobFolder(store, spec.root());
    this.job = JobView.read(spec, jobFolder);
    this.requests = new RowRequests(job, AudioForms.of(store, spec));
    this.folder = new RemoteFolder(jobFolder);
  }

  /** Stores the file of requests of a batch; says why not where that is to be tried again. */
  public Uploaded upload(RemoteBatchApi api, BatchNote note, RemoteWork work)
      throws InterruptedException {
    Path local;
    try {
      local = Files.createTempFile("batchinfer-requests-", ".jsonl");
    } catch (IOException e) {
      throw new StorageException("Cannot write to the folder for temporary files", e);
    }
    try {
      write(work, note.round(), local);
      long bytes = local.toFile().length();
      return new Uploaded(api.upload(note.fileName(), local), bytes, "", null);
    } catch (RemoteException e) {
      // An address without such a thing will not have it the next time either.
      Kind kind = e.kind() == Kind.ABSENT ? Kind.REFUSED : e.kind();
      return new Uploaded("", 0, String.valueOf(e.getMessage()), kind);
    } finally {
      ApiClient.discard(local);
    }
  }

  private void write(RemoteWork work, int round, Path to) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to))) {
      RequestFile file = new RequestFile(out, job.spec().options().get(SavingOptions.BATCH_API));
      for (Piece piece : work.pieces()) {
        Split split = job.split(piece.split());
        int[] lines =
            RowList.read(folder, round, piece.split()).lines(piece, work.endpoint(), work.model());
        write(split, lines, work.endpoint(), file);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + to + "\"", e);
    }
  }

  private void write(Split split, int[] lines, String endpoint, RequestFile file)
      throws IOException {
    try (LineReader reader =
        new LineReader(
            job.folder().store().open(split.path(), split.start()),
            split.start(),
            job.spec().maxLineBytes())) {
      int at = -1;
      for (int line : lines) {
        while (at < line) {
          if (!reader.next()) {
            throw changed(split);
          }
          at++;
        }
        if (!(requests.parse(reader) instanceof Request request)
            || !request.path().equals(endpoint)) {
          throw changed(split);
        }
        file.add(RowName.key(split.index(), line), endpoint, request.body());
      }
    }
  }

  private static BatchException changed(Split split) {
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "\"%s\" does not hold any more what it held when its batches were cut: the input was changed while the job ran."
            .formatted(split.path()));
  }
}
