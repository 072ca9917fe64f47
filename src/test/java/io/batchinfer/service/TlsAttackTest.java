package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MAX_CONNECTIONS;
import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.http.TestCertificates;
import io.batchinfer.service.ServiceSettings.Certificate;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attacks on a service with a certificate. */
class TlsAttackTest {
  @TempDir private static Path folder;
  private static AttackedService service;

  @BeforeAll
  static void start() throws Exception {
    TestCertificates certificates = TestCertificates.forAddress("127.0.0.1", folder);
    service =
        new AttackedService(
            folder,
            new Certificate(certificates.certificate(), certificates.pemKey()),
            trusting(certificates.certificate()));
  }

  private static SSLContext trusting(Path certificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(certificate)) {
      trusted.setCertificateEntry(
          "service", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void nothingIsHarmed() throws Exception {
    service.assertUnharmed();
  }

  @Test
  void whatIsNotEncryptedIsNotAnswered() throws Exception {
    try (RawConnection plain = new RawConnection(service.port())) {
      plain.send(service.head("GET", "/v1/files", service.acmeKey) + "\r\n");

      // An alert of TLS may come, which is shorter than any answer.
      assertThat(plain.drain()).isLessThan(10);
    }
  }

  @Test
  void aHiddenCallIsNotAnswered() throws Exception {
    try (RawConnection connection = service.connect()) {
      String call = service.head("GET", "/v1/files", service.acmeKey);
      connection.send(call + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + call + "\r\n");

      assertRefused(connection.answer(), 400);
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void anAddressBeginsWithHttpsAndIsBoundToItsFile() throws Exception {
    String file = service.upload(service.acmeKey, Form.LINE);
    String url =
        AttackedService.JSON
            .readTree(service.call("GET", "/v1/files/" + file + "/url", service.acmeKey).body())
            .get("url")
            .textValue();

    assertThat(url).startsWith("https://127.0.0.1:" + service.port() + "/download/");
    String path = url.substring(url.indexOf("/download/"));
    assertThat(service.call("GET", path, "-").text()).isEqualTo(Form.LINE);
    assertRefused(service.call("GET", path + "0", "-"), 403);
  }

  @Test
  void clientsThatDoNotAgreeOnTlsKeepNobodyOut() throws Exception {
    List<RawConnection> silent = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_CONNECTIONS + 10; i++) {
        silent.add(new RawConnection(service.port()));
      }
      assertThat(service.call("GET", "/v1/files", service.acmeKey).status()).isEqualTo(200);
    } finally {
      for (RawConnection connection : silent) {
        connection.close();
      }
    }
  }
}
