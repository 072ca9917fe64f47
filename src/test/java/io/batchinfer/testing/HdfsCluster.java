package io.batchinfer.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A real HDFS on this machine: a name node and a data node in this process. */
public final class HdfsCluster implements AutoCloseable {
  private final MiniDFSCluster cluster;

  private HdfsCluster(MiniDFSCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * Starts one and returns when it takes files.
   *
   * @param folder for its own files
   */
  public static HdfsCluster start(Path folder) {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    try {
      MiniDFSCluster cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
      cluster.waitActive();
      return new HdfsCluster(cluster);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Address of a folder, such as {@code hdfs://localhost:1234/a}. */
  public String folder(String name) {
    return cluster.getURI() + "/" + name;
  }

  public Configuration configuration() {
    return cluster.getConfiguration(0);
  }

  @Override
  public void close() {
    cluster.shutdown(true);
  }
}
