package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths that people give and that no filesystem here can have. */
class UnusablePathTest {
  private static FileStores stores(Supplier<Configuration> configuration) {
    return new FileStores(configuration);
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://b/x, org.apache.hadoop:hadoop-aws:",
    "s3://b/x, write s3a://",
    "s3n://b/x, write s3a://",
    "abfss://c@a.dfs.core.windows.net/x, org.apache.hadoop:hadoop-azure:",
    "wasbs://c@a.blob.core.windows.net/x, org.apache.hadoop:hadoop-azure:",
    "gs://b/x, gs:",
    "oss://b/x, org.apache.hadoop:hadoop-aliyun:",
    "dbfs:/x, only Databricks",
    "foo://b/x, 'no filesystem for \"foo:\"'",
    "in:2024.jsonl, put ./ in front",
    "https://h/x.jsonl, download the file and name its copy",
    "C:\\data\\in.jsonl, '\"/mnt/c/data/in.jsonl\"'",
    "d:/data/in.jsonl, '\"/mnt/d/data/in.jsonl\"'"
  })
  void theMessageNamesTheSchemeAndWhatToDo(String path, String advice) {
    FileStores stores = stores(Configuration::new);

    assertThatThrownBy(() -> stores.qualify(path))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("Cannot use the path \"" + path + "\": ")
        .hasMessageContaining(advice)
        .message()
        .doesNotContain("Exception");
  }

  @Test
  void aClassThatIsNamedButAbsentIsAMissingJar() {
    Configuration configuration = new Configuration();
    configuration.set("fs.lake.impl", "com.example.AbsentFileSystem");

    assertThatThrownBy(() -> stores(() -> configuration).list("lake://b/x"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("there is no filesystem for \"lake:\" here")
        .hasMessageContaining("com.example.AbsentFileSystem");
  }

  @Test
  void aFilesystemThatDoesNotStartIsNoDefectOfThisProgram() {
    Configuration configuration = new Configuration();
    configuration.set("fs.lake.impl", "java.lang.String");

    assertThatThrownBy(() -> stores(() -> configuration).find("lake://b/x"))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("its filesystem does not start");
  }

  @Test
  void anOrdinaryNameIsUsable() {
    assertThat(stores(Configuration::new).qualify("a b/c%20d.jsonl"))
        .startsWith("file:/")
        .endsWith("/a b/c%20d.jsonl");
    assertThat(stores(Configuration::new).qualify("./in:2024.jsonl")).endsWith("/in:2024.jsonl");
  }
}
