package io.batchinfer.engine.run;

import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.engine.lead.RemoteTasks;
import io.batchinfer.engine.send.RemoteCut;
import io.batchinfer.engine.send.RemoteReading;
import io.batchinfer.engine.send.RemoteUpload;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Amount;
import io.batchinfer.remote.BatchFill;
import io.batchinfer.remote.BatchLines;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.FetchOrder;
import io.batchinfer.remote.Fetched;
import io.batchinfer.remote.RemoteApis;
import io.batchinfer.remote.RemoteBatchApi;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteRecords;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.remote.Uploaded;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;

/** The work on batches on a cluster, one task for each batch or for some splits. */
final class RemoteJobs implements RemoteTasks {
  private final Cluster cluster;
  private final RemoteSetting setting;

  RemoteJobs(Cluster cluster, RemoteSetting setting) {
    this.cluster = cluster;
    this.setting = setting;
  }

  @Override
  public Future<List<Chunk>> cut(List<SplitClaim> splits, int round, BatchFill fill) {
    List<byte[]> claims = splits.stream().map(SplitClaim::encode).toList();
    RemoteSetting told = setting;
    byte[] limits = RemoteRecords.bytes(fill);
    return new MappedFuture<>(
        cluster.start(
            label("cut batches of " + Amount.of(splits.size(), "part")),
            claims,
            (claim, here) ->
                RemoteRecords.bytes(
                    new RemoteCut(
                            told.spec(),
                            here.stores(),
                            round,
                            RemoteRecords.read(limits, BatchFill.class))
                        .cut(ClaimAnswer.decode(claim).granted().orElseThrow()))),
        RemoteJobs::chunks);
  }

  private static List<Chunk> chunks(List<byte[]> parts) {
    List<Chunk> chunks = new ArrayList<>();
    parts.forEach(part -> chunks.addAll(RemoteRecords.chunks(part)));
    return chunks;
  }

  @Override
  public Future<Uploaded> upload(BatchNote note, RemoteWork work) {
    RemoteSetting told = setting;
    byte[] batch = RemoteRecords.bytes(note);
    return new MappedFuture<>(
        cluster.start(
            label("upload batch " + note.number()),
            List.of(RemoteRecords.bytes(work)),
            (held, here) -> {
              RunSpec spec = told.spec();
              return RemoteRecords.bytes(
                  new RemoteUpload(spec, here.stores())
                      .upload(
                          api(told, spec, here),
                          RemoteRecords.read(batch, BatchNote.class),
                          RemoteRecords.read(held, RemoteWork.class)));
            }),
        parts -> RemoteRecords.read(parts.get(0), Uploaded.class));
  }

  private static RemoteBatchApi api(RemoteSetting told, RunSpec spec, TaskPlace here) {
    RunSecrets secrets = told.secrets(here);
    return RemoteApis.open(
        spec.options(),
        secrets.headers(),
        secrets.proxies(),
        spec.options().get(RetryOptions.REQUEST_TIMEOUT));
  }

  @Override
  public Future<Fetched> fetch(BatchNote note, RemoteWork work, FetchOrder order) {
    RemoteSetting told = setting;
    byte[] batch = RemoteRecords.bytes(note);
    byte[] wanted = RemoteRecords.bytes(order);
    return new MappedFuture<>(
        cluster.start(
            label("read batch " + note.number()),
            List.of(RemoteRecords.bytes(work)),
            (held, here) -> {
              RunSpec spec = told.spec();
              RemoteWork asked = RemoteRecords.read(held, RemoteWork.class);
              return RemoteRecords.bytes(
                  RemoteReading.of(spec, here.folder(told.root()), api(told, spec, here), asked)
                      .fetch(
                          RemoteRecords.read(batch, BatchNote.class),
                          asked,
                          RemoteRecords.read(wanted, FetchOrder.class)));
            }),
        parts -> RemoteRecords.read(parts.get(0), Fetched.class));
  }

  @Override
  public Future<Void> sort(int round, List<Integer> batches) {
    String root = setting.root();
    return cluster.shuffle(
        label("sort " + Amount.of(batches.size(), "batch", "batches")),
        batches,
        (batch, here) -> answers(here.folder(root), batch),
        SplitGroups.tasks(Math.max(8, batches.size())),
        (answers, here) -> {
          JobFolder folder = here.folder(root);
          RemoteFolder remote = new RemoteFolder(folder);
          CopiesFile.writeAll(folder, split -> remote.answers(round, split), answers);
        });
  }

  private static Iterator<CopiedAnswer> answers(JobFolder folder, int batch) {
    BatchLines lines = new BatchLines(new RemoteFolder(folder), List.of(batch).iterator());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return lines.hasNext();
      }

      @Override
      public CopiedAnswer next() {
        BatchLines.Line line = lines.next();
        return new CopiedAnswer(line.key(), "", line.content());
      }
    };
  }

  private TaskLabel label(String what) {
    return new TaskLabel(setting.root(), "batches, " + what);
  }
}
