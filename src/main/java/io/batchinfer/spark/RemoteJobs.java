package io.batchinfer.spark;

import io.batchinfer.config.Options;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.lead.RemoteTasks;
import io.batchinfer.engine.send.RemoteCut;
import io.batchinfer.engine.send.RemoteReading;
import io.batchinfer.engine.send.RemoteUpload;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** The work on batches as Spark jobs, one task for each batch or for some splits. */
final class RemoteJobs implements RemoteTasks {
  private final JavaSparkContext context;
  private final RemoteSetting setting;

  RemoteJobs(JavaSparkContext context, RemoteSetting setting) {
    this.context = context;
    this.setting = setting;
  }

  @Override
  public Future<List<Chunk>> cut(List<SplitClaim> splits, int round, BatchFill fill) {
    List<byte[]> claims = splits.stream().map(SplitClaim::encode).toList();
    RemoteSetting told = setting;
    byte[] limits = RemoteRecords.bytes(fill);
    try (JobLabel label = label("cut batches of " + Amount.of(splits.size(), "part"))) {
      return new Then<>(
          context
              .parallelize(claims, AnswerShuffle.tasks(claims.size()))
              .mapPartitions(
                  encoded -> {
                    RemoteCut cut =
                        new RemoteCut(
                            told.spec(),
                            TaskFiles.stores(),
                            round,
                            RemoteRecords.read(limits, BatchFill.class));
                    return AnswerShuffle.mapped(
                        encoded,
                        claim ->
                            RemoteRecords.bytes(
                                cut.cut(ClaimAnswer.decode(claim).granted().orElseThrow())));
                  })
              .collectAsync(),
          RemoteJobs::chunks);
    }
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
    try (JobLabel label = label("upload batch " + note.number())) {
      return new Then<>(
          context
              .parallelize(List.of(RemoteRecords.bytes(work)), 1)
              .map(
                  held -> {
                    RunSpec spec = told.spec();
                    return RemoteRecords.bytes(
                        new RemoteUpload(spec, TaskFiles.stores())
                            .upload(
                                api(told, spec),
                                RemoteRecords.read(batch, BatchNote.class),
                                RemoteRecords.read(held, RemoteWork.class)));
                  })
              .collectAsync(),
          parts -> RemoteRecords.read(parts.get(0), Uploaded.class));
    }
  }

  private static RemoteBatchApi api(RemoteSetting told, RunSpec spec) {
    RunSecrets secrets = told.secrets();
    return RemoteApis.open(
        spec.options(),
        secrets.headers(),
        secrets.proxies(),
        spec.options().get(Options.REQUEST_TIMEOUT));
  }

  @Override
  public Future<Fetched> fetch(BatchNote note, RemoteWork work, FetchOrder order) {
    RemoteSetting told = setting;
    byte[] batch = RemoteRecords.bytes(note);
    byte[] wanted = RemoteRecords.bytes(order);
    try (JobLabel label = label("read batch " + note.number())) {
      return new Then<>(
          context
              .parallelize(List.of(RemoteRecords.bytes(work)), 1)
              .map(
                  held -> {
                    RunSpec spec = told.spec();
                    RemoteWork asked = RemoteRecords.read(held, RemoteWork.class);
                    return RemoteRecords.bytes(
                        RemoteReading.of(
                                spec, TaskFiles.folder(told.root()), api(told, spec), asked)
                            .fetch(
                                RemoteRecords.read(batch, BatchNote.class),
                                asked,
                                RemoteRecords.read(wanted, FetchOrder.class)));
                  })
              .collectAsync(),
          parts -> RemoteRecords.read(parts.get(0), Fetched.class));
    }
  }

  @Override
  public Future<Void> sort(int round, List<Integer> batches) {
    String root = setting.root();
    try (JobLabel label = label("sort " + Amount.of(batches.size(), "batch", "batches"))) {
      JavaPairRDD<Long, byte[]> lines =
          context
              .parallelize(batches, batches.size())
              .mapPartitionsToPair(numbers -> AnswerShuffle.pairs(answers(root, numbers)));
      return AnswerShuffle.writeRemote(lines, Math.max(8, batches.size()), root, round);
    }
  }

  private static Iterator<CopiedAnswer> answers(String root, Iterator<Integer> batches) {
    return AnswerShuffle.mapped(
        new BatchLines(new RemoteFolder(TaskFiles.folder(root)), batches),
        line -> new CopiedAnswer(line.key(), "", line.content()));
  }

  private JobLabel label(String what) {
    return JobLabel.of(context, setting.root(), "batches, " + what);
  }

  /** A future whose result is something made of another's. */
  private record Then<A, B>(Future<A> first, Function<A, B> made) implements Future<B> {
    @Override
    public boolean cancel(boolean mayInterrupt) {
      return first.cancel(mayInterrupt);
    }

    @Override
    public boolean isCancelled() {
      return first.isCancelled();
    }

    @Override
    public boolean isDone() {
      return first.isDone();
    }

    @Override
    public B get() throws InterruptedException, ExecutionException {
      return made.apply(first.get());
    }

    @Override
    public B get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      return made.apply(first.get(timeout, unit));
    }
  }
}
