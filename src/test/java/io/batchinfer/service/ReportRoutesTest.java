package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.assertRefused;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.report.ServiceReport;
import io.batchinfer.service.RawConnection.Answer;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets which report of a job, and how a browser may show it. */
class ReportRoutesTest extends ServiceAttack {
  private static final String JOBS = "/v1/batch/jobs/";
  private static final int PLACES = 4;

  private static String ended() throws IOException {
    String id = service.job(service.acmeKey);
    service.ended(id);
    return id;
  }

  private static Answer report(String id) throws IOException {
    return service.call("GET", JOBS + id + "/report", service.acmeKey);
  }

  private static void assertShown(Answer answer, String id) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.text()).startsWith("<!doctype html>").contains(id).endsWith("</html>\n");
  }

  @Test
  void aBrowserShowsThePageAndLetsItDoNothingElse() throws IOException {
    String id = ended();

    Answer answer = report(id);

    assertShown(answer, id);
    assertThat(answer.header("content-type")).contains("text/html; charset=utf-8");
    assertThat(answer.header("content-security-policy"))
        .contains(ServiceReport.POLICY + "; frame-ancestors 'none'; sandbox allow-scripts");
    assertThat(answer.header("cache-control")).contains("no-store");
    assertThat(answer.header("referrer-policy")).contains("no-referrer");
    assertThat(answer.header("x-content-type-options")).contains("nosniff");
    assertThat(answer.header("content-disposition"))
        .contains("inline; filename=\"" + id + "_report.html\"");
  }

  @Test
  void aJobThatRunsHasOneOfHowFarItIs() throws IOException {
    service.runners.block();
    String id = service.job(service.acmeKey);
    Eventually.await(
        "the job has begun",
        LONG_ENOUGH,
        () -> service.registry.store().run("acme", id).readRecord().isPresent(),
        () -> "it has not");

    Answer answer = report(id);

    assertShown(answer, id);
    assertThat(answer.text()).contains("The rows are being sent.", "The figures are those of");
  }

  @Test
  void aJobThatHasNotBegunHasNone() throws IOException {
    service.runners.block();
    List<String> jobs = new ArrayList<>();
    for (int i = 0; i <= PLACES; i++) {
      jobs.add(service.job(service.acmeKey));
    }
    String waits = jobs.get(PLACES);

    for (String target : List.of("/report", "/report/url")) {
      Answer answer = service.call("GET", JOBS + waits + target, service.acmeKey);
      assertRefused(answer, 409);
      assertThat(answer.text()).contains("Job " + waits + " (QUEUED) has sent nothing yet");
    }
    service.runners.release();
    service.ended(waits);
    assertShown(report(waits), waits);
  }

  @Test
  void anAddressOpensItWithoutAKeyAsLongAsThereIsTheJob() throws IOException {
    String id = ended();
    String address = service.address(service.acmeKey, JOBS + id + "/report");

    assertThat(address).startsWith("/report/acme/" + id + "?expires=");
    assertShown(service.call("GET", address, "-"), id);
    for (String changed :
        List.of(
            address.substring(0, address.length() - 1),
            address.replace("/acme/", "/other/"),
            address.replace(id, ended()),
            address.replaceFirst("expires=\\d+", "expires=9999999999"),
            address.replace("/report/", "/download/"))) {
      assertRefused(service.call("GET", changed, "-"), 403);
    }
    service.call("DELETE", JOBS + id, service.acmeKey);
    assertRefused(service.call("GET", address, "-"), 404);
  }

  @Test
  void reportsThatAreSentAreBoundedTogether(@TempDir Path folder) throws IOException {
    long heap = 16L * report(ended()).body().length;
    try (AttackedService roomForOne =
            new AttackedService(folder.resolve("1"), Patience.DEFAULT, heap + heap / 2);
        AttackedService roomForNone =
            new AttackedService(folder.resolve("0"), Patience.DEFAULT, heap / 2)) {
      String target = JOBS + endedIn(roomForOne) + "/report";
      for (int i = 0; i < 3; i++) {
        assertThat(roomForOne.call("GET", target, roomForOne.acmeKey).status()).isEqualTo(200);
      }

      Answer refused =
          roomForNone.call("GET", JOBS + endedIn(roomForNone) + "/report", roomForNone.acmeKey);
      assertRefused(refused, 503);
      assertThat(refused.header("x-should-retry")).isEmpty();
    }
  }

  private static String endedIn(AttackedService other) throws IOException {
    String id = other.job(other.acmeKey);
    other.ended(id);
    return id;
  }
}
