package io.batchinfer.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * A program that is a whole Hadoop: HDFS with one data node and YARN with one node manager, whose
 * containers are processes of their own. It writes a client's configuration and runs until its
 * standard input ends.
 *
 * <p>It is a program because Hadoop wants other libraries than the product has.
 */
public final class HadoopOnThisMachine {
  /** Is there once everything takes requests. */
  static final String READY = "ready";

  private HadoopOnThisMachine() {}

  /**
   * Starts it.
   *
   * @param arguments a folder: its {@code conf} is the configuration, everything else is its own
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Configuration settings = new Configuration();
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    System.setProperty("test.build.data", folder.resolve("yarn").toString());
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).build();
    hdfs.waitActive();
    MiniYARNCluster yarn = new MiniYARNCluster("tests", 1, 1, 1);
    yarn.init(forContainers(new YarnConfiguration(hdfs.getConfiguration(0))));
    yarn.start();
    Path conf = Files.createDirectories(folder.resolve("conf"));
    write(yarn.getConfig(), conf.resolve("core-site.xml"), List.of("fs.defaultFS"));
    write(
        yarn.getConfig(),
        conf.resolve("yarn-site.xml"),
        List.of(YarnConfiguration.RM_ADDRESS, YarnConfiguration.RM_SCHEDULER_ADDRESS));
    Files.createFile(folder.resolve(READY));
    while (System.in.read() >= 0) {}
    yarn.stop();
    hdfs.shutdown(true);
    System.exit(0);
  }

  private static Configuration forContainers(Configuration settings) {
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    settings.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 6144);
    settings.setInt(YarnConfiguration.NM_VCORES, 16);
    settings.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    settings.set("yarn.scheduler.capacity.root.queues", "default");
    settings.set("yarn.scheduler.capacity.root.default.capacity", "100");
    settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.8");
    // Disks of machines that run tests may be nearly full.
    settings.set(
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage", "99.9");
    return settings;
  }

  private static void write(Configuration from, Path file, List<String> keys) throws IOException {
    Configuration only = new Configuration(false);
    keys.forEach(key -> only.set(key, from.get(key)));
    try (OutputStream out = Files.newOutputStream(file)) {
      only.writeXml(out);
    }
  }
}
