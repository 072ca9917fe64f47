package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.jspecify.annotations.Nullable;
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
    "dbfs:/Volumes/main/default/v/out, 'cannot read or write volumes of Unity Catalog; give the external location'",
    "/Volumes/main/default/v/out, cannot read or write volumes",
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
  void whatIsCalledS3IsS3aUnlessTheClusterHasItsOwn() {
    assertThatThrownBy(() -> stores(Configuration::new).qualify("s3://b/x"))
        .hasMessageStartingWith("Cannot use the path \"s3a://b/x\": the filesystem of \"s3a:\"")
        .hasMessageContaining("org.apache.hadoop:hadoop-aws:");

    Configuration ofVendor = new Configuration();
    ofVendor.set("fs.s3.impl", BareS3.class.getName());
    ofVendor.setBoolean("fs.s3.impl.disable.cache", true);
    assertThat(stores(() -> ofVendor).qualify("s3://b/x")).isEqualTo("s3://b/x");

    Configuration ofHadoop = new Configuration();
    ofHadoop.set("fs.s3a.impl", BareS3.class.getName());
    ofHadoop.setBoolean("fs.s3a.impl.disable.cache", true);
    assertThat(stores(() -> ofHadoop).qualify("s3://b/x")).isEqualTo("s3a://b/x");
  }

  /** Answers for any name. */
  static final class BareS3 extends RawLocalFileSystem {
    private @Nullable URI uri;

    @Override
    public void initialize(URI name, Configuration configuration) throws IOException {
      super.initialize(name, configuration);
      uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    }

    @Override
    public URI getUri() {
      // The superclass asks before there is one.
      return uri == null ? URI.create("file:///") : uri;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/Volumes/Disk/out, Mac OS X, , false",
    "/Volumes/Disk/out, Mac OS X, 18.0, true",
    "/Volumes/a/b, Linux, , true",
    "/Volumes, Linux, , true",
    "/VolumesOfBooks/a, Linux, 18.0, false",
    "file:/Volumes/a/b, Linux, , false",
    "file:/Volumes/a/b, Linux, 18.0, true",
    "file:///Volumes/a/b, Linux, 18.0, true",
    "dbfs:/Volumes/a/b, Mac OS X, , true",
    "dbfs:///Volumes/a/b, Linux, , true",
    "dbfs:/tables/a, Linux, 18.0, false"
  })
  void aFolderCalledVolumesIsOneOfUnityCatalogWhereThatMayBe(
      String path, String system, @Nullable String runtime, boolean refused) {
    Map<String, String> environment =
        runtime == null ? Map.of() : Map.of("DATABRICKS_RUNTIME_VERSION", runtime);

    assertThat(UnusablePath.refusal(path, environment, system).isPresent()).isEqualTo(refused);
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
