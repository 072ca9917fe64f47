package io.batchinfer.client.http;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The JVM's trusted certificates and those of a file together. */
final class TrustedCertificates {
  private TrustedCertificates() {}

  static TrustManagerFactory defaultsAnd(Path caFile) {
    try {
      KeyStore merged = KeyStore.getInstance(KeyStore.getDefaultType());
      merged.load(null, null);
      int index = 0;
      for (X509Certificate issuer : issuersOf(factoryFor(null))) {
        merged.setCertificateEntry("jvm-" + index++, issuer);
      }
      for (Certificate certificate : read(caFile)) {
        merged.setCertificateEntry("file-" + index++, certificate);
      }
      return factoryFor(merged);
    } catch (IOException | GeneralSecurityException failure) {
      throw new BatchException(
          ErrorCode.USAGE,
          "Cannot use the file \"%s\" of --ca-file: %s. It must be readable wherever requests are sent from, and hold certificates in PEM form."
              .formatted(
                  caFile,
                  failure instanceof NoSuchFileException
                      ? "there is no such file"
                      : String.valueOf(failure.getMessage())),
          failure);
    }
  }

  private static Collection<? extends Certificate> read(Path caFile)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(caFile)) {
      Collection<? extends Certificate> certificates =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new GeneralSecurityException("it holds no certificate");
      }
      return certificates;
    }
  }

  private static TrustManagerFactory factoryFor(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static X509Certificate[] issuersOf(TrustManagerFactory factory) {
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return x509.getAcceptedIssuers();
      }
    }
    return new X509Certificate[0];
  }
}
