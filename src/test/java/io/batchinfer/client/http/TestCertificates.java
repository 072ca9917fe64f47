package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A self-signed certificate for one host name, made by the JDK's keytool. */
public record TestCertificates(Path keyStore, Path certificate) {
  private static final String PASSWORD = "changeit";

  static TestCertificates forHost(String host, Path folder)
      throws IOException, InterruptedException {
    return forName(host, "dns:" + host, folder);
  }

  public static TestCertificates forAddress(String address, Path folder)
      throws IOException, InterruptedException {
    return forName(address, "ip:" + address, folder);
  }

  private static TestCertificates forName(String host, String alternativeName, Path folder)
      throws IOException, InterruptedException {
    Path keyStore = folder.resolve(host + ".p12");
    Path certificate = folder.resolve(host + ".pem");
    keytool(
        List.of(
            "-genkeypair",
            "-alias",
            "server",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=" + host,
            "-ext",
            "san=" + alternativeName,
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            keyStore.toString()));
    keytool(
        List.of(
            "-exportcert",
            "-rfc",
            "-alias",
            "server",
            "-file",
            certificate.toString(),
            "-storepass",
            PASSWORD,
            "-keystore",
            keyStore.toString()));
    return new TestCertificates(keyStore, certificate);
  }

  /** The private key in a file of PEM's form. */
  public Path pemKey() throws IOException, GeneralSecurityException {
    char[] password = PASSWORD.toCharArray();
    byte[] key =
        KeyStore.getInstance(keyStore.toFile(), password).getKey("server", password).getEncoded();
    return Files.writeString(
        keyStore.resolveSibling("key.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(key)
            + "\n-----END PRIVATE KEY-----\n");
  }

  PfxOptions serverKey() {
    return new PfxOptions().setPath(keyStore.toString()).setPassword(PASSWORD);
  }

  private static void keytool(List<String> arguments) throws IOException, InterruptedException {
    Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Path log = Files.createTempFile("keytool", ".log");
    Process process =
        new ProcessBuilder(Stream.concat(Stream.of(tool.toString()), arguments.stream()).toList())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool failed: " + Files.readString(log));
    }
    Files.delete(log);
  }
}
