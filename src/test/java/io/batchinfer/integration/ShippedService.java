package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code batchinfer serve} of the tarball, in a process and on a store of its own. */
final class ShippedService implements AutoCloseable {
  private static final Pattern KEY = Pattern.compile("bi_[0-9a-f]{8}_[A-Za-z0-9_-]{43}");

  private final ForkedProcess process;
  private final Path product;
  private final Path keysFile;
  private final Map<String, String> keys;

  /** Known once it listens, and still known when it has been killed. */
  private String url = "";

  private ShippedService(
      ForkedProcess process, Path product, Path keysFile, Map<String, String> keys) {
    this.process = process;
    this.product = product;
    this.keysFile = keysFile;
    this.keys = keys;
  }

  /** Unpacks the tarball into a folder and returns the top of it. */
  static Path unpack(Path folder) {
    Finished finished =
        ForkedProcess.command(
                "tar", "-xzf", BuiltProduct.tarball().toString(), "-C", folder.toString())
            .run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    return folder.resolve("batchinfer-" + BuiltProduct.version());
  }

  /**
   * Starts a service on a free port and returns once it listens.
   *
   * @param product the unpacked tarball
   * @param folder for the store and the keys, made here
   * @param workspaces each gets a key
   * @param options further ones of {@code serve}
   */
  static ShippedService start(
      Path product, Path folder, List<String> workspaces, List<String> options) throws IOException {
    return start(product, folder, folder.resolve("store").toString(), workspaces, options);
  }

  /** Starts one on a store elsewhere. */
  static ShippedService start(
      Path product, Path folder, String store, List<String> workspaces, List<String> options)
      throws IOException {
    return start(product, folder, 0, store, workspaces, options);
  }

  /** Starts the one that goes on after another, at the same address and on the same store. */
  ShippedService startAgain(List<String> options) throws IOException {
    Path folder = keysFile.getParent();
    int port = URI.create(url()).getPort();
    return start(product, folder, port, folder.resolve("store").toString(), List.of(), options);
  }

  private static ShippedService start(
      Path product,
      Path folder,
      int port,
      String store,
      List<String> workspaces,
      List<String> options)
      throws IOException {
    Files.createDirectories(folder);
    Path keysFile = folder.resolve("keys.json");
    Map<String, String> keys = new HashMap<>();
    for (String workspace : workspaces) {
      keys.put(workspace, newKey(product, keysFile, workspace));
    }
    List<String> words = new ArrayList<>();
    words.addAll(List.of("serve", "--store", store));
    words.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
    words.addAll(List.of("--keys-file", keysFile.toString()));
    words.addAll(options);
    ForkedProcess process = command(product, words).start();
    ShippedService service = new ShippedService(process, product, keysFile, Map.copyOf(keys));
    try {
      Eventually.await(
          "the service listens",
          LONG_ENOUGH,
          () -> !process.isAlive() || process.stdout().contains("\n"),
          process::stderr);
      assertThat(process.stdout().strip())
          .as("%s", process.stderr())
          .matches("http://127\\.0\\.0\\.1:\\d+");
      service.url = process.stdout().strip();
    } catch (AssertionError e) {
      service.close();
      throw e;
    }
    return service;
  }

  String url() {
    return url;
  }

  /** What the service has written about its work. */
  String log() {
    return process.stderr();
  }

  /** Ends the service's own process as a crash would, and nothing that it has started. */
  void killAlone() {
    process.handle().destroyForcibly();
  }

  /** Ends the process as a crash would. */
  void kill() {
    process.handle().descendants().forEach(ProcessHandle::destroyForcibly);
    process.handle().destroyForcibly();
    process.close();
  }

  /** The key of one of the workspaces. */
  String key(String workspace) {
    return Objects.requireNonNull(keys.get(workspace), workspace);
  }

  /** One more key of a workspace; the service knows it within seconds. */
  String anotherKey(String workspace) {
    return newKey(product, keysFile, workspace);
  }

  /** Sets what a workspace may do; the service knows it within seconds. */
  void limit(String workspace, String option, String value) {
    Finished set =
        command(
                product,
                List.of(
                    "keys",
                    "workspace",
                    "--keys-file",
                    keysFile.toString(),
                    "--workspace",
                    workspace,
                    option,
                    value))
            .run(LONG_ENOUGH);
    assertThat(set.exitCode()).as("%s", set).isZero();
  }

  private static String newKey(Path product, Path keysFile, String workspace) {
    Finished created =
        command(
                product,
                List.of(
                    "keys", "create", "--keys-file", keysFile.toString(), "--workspace", workspace))
            .run(LONG_ENOUGH);
    assertThat(created.exitCode()).as("%s", created).isZero();
    Matcher key = KEY.matcher(created.stdout());
    assertThat(key.find()).as("%s", created).isTrue();
    return key.group();
  }

  private static ForkedProcess.Command command(Path product, List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(product.resolve("scripts/batchinfer").toString());
    words.addAll(arguments);
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("JAVA_HOME", System.getProperty("java.home"));
  }

  @Override
  public void close() {
    process.close();
  }
}
