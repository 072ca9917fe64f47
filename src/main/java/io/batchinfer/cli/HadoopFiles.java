package io.batchinfer.cli;

import io.batchinfer.storage.FileStores;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;

/** Files for commands without Spark: Hadoop's own configuration and {@code spark.hadoop.*}. */
final class HadoopFiles {
  private static final String PREFIX = "spark.hadoop.";

  private HadoopFiles() {}

  static FileStores stores() {
    return new FileStores(HadoopFiles::configuration);
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration();
    Properties properties = System.getProperties();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        configuration.set(name.substring(PREFIX.length()), properties.getProperty(name));
      }
    }
    return configuration;
  }
}
