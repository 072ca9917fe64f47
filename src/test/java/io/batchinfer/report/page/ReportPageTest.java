package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.JobCourse;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page as text; how it looks and whether a browser takes it is tested in one. */
class ReportPageTest {
  private static final int MOST_BYTES = 1_000_000;
  private static final Pattern SECTION = Pattern.compile("<section id=\"([a-z]+)\"");
  private static final Pattern OPENED =
      Pattern.compile("<(/?)([a-z0-9]+)((?:\"[^\"]*\"|[^\">])*)>");
  private static final List<String> EMPTY = List.of("meta", "link");

  private final String page =
      ReportPage.write(
          SampleJob.record(), SampleJob.course(), SampleJob.batches(), SampleJob.findings());

  @Test
  void aMillionRowsAreAPageOfLessThanAMegabyte() {
    assertThat(page.getBytes(StandardCharsets.UTF_8).length).isLessThan(MOST_BYTES);
  }

  @Test
  void everyPartThatHasFiguresIsThere() {
    assertThat(sections(page))
        .containsExactly(
            "findings",
            "course",
            "spread",
            "errors",
            "answers",
            "cost",
            "places",
            "slowest",
            "batches",
            "runs");
  }

  @Test
  void theBatchesAtTheProviderStandOnOneTimeLine() {
    String batches = page.substring(page.indexOf("<section id=\"batches\""));

    assertThat(batches)
        .contains(
            "3 batches with 91,000 rows: 1 read, 1 at the provider, 1 not there yet. 12 rows of those that were read had no answer and were asked again. They cost 4.25 USD.")
        .contains("Batch 1, 50,000 rows: read", "Batch 2, 40,000 rows: at the provider")
        .doesNotContain("<title>Batch 3");
  }

  @Test
  void aPartWithoutFiguresIsLeftOut() {
    JobRecord old = SampleJob.record();
    JobRecord nothing =
        new JobRecord(
            old.definition(),
            old.generation(),
            old.standing(),
            new Rows(0, 0, Counts.ZERO),
            old.costs(),
            old.times());
    String empty = ReportPage.write(nothing, JobCourse.NONE, List.of(), List.of());

    assertThat(sections(empty)).isEmpty();
    assertThat(empty).contains("was not recorded").doesNotContain("<nav");
  }

  @Test
  void whatRowsAndEndpointsSayIsNeverMarkup() {
    assertThat(page)
        .doesNotContain("<script>alert")
        .doesNotContain("<img")
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;");
    Matcher tag = OPENED.matcher(page);
    java.util.Deque<String> open = new java.util.ArrayDeque<>();
    while (tag.find()) {
      if (tag.group(1).isEmpty()) {
        if (!EMPTY.contains(tag.group(2))) {
          open.push(tag.group(2));
        }
      } else {
        assertThat(open.pop()).as("at %d", tag.start()).isEqualTo(tag.group(2));
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void textsOfPromptsAmongTheOptionsAreNotShown() {
    assertThat(SampleJob.record().definition().settings()).containsKey("prompt");
    assertThat(page).doesNotContain("a prompt that must not be shown");
  }

  @Test
  void theRunThatWasKilledIsToldFromTheOther() {
    assertThat(page)
        .contains("1 stopped without an end")
        .contains("killed, or lost with its machine");
  }

  @ParameterizedTest
  @EnumSource(JobStatus.class)
  void everyEndSaysHowToGoOn(JobStatus status) {
    String ended =
        ReportPage.write(
            SampleJob.record(status, ""),
            SampleJob.course(),
            SampleJob.batches(),
            SampleJob.findings());

    assertThat(ended)
        .contains("class=\"badge ")
        .containsPattern("batchinfer results|batchinfer report|same run command");
  }

  @Test
  void charactersThatDocumentsMustNotHoldAreReplaced() {
    assertThat(new Html().text("a\u0000b\ud800c\u001bd\uffffe\u2028f\ud83d\ude00").toString())
        .isEqualTo("a\ufffdb\ufffdc\ufffdd\ufffde\u2028f\ud83d\ude00");
  }

  @Test
  void thePolicyAllowsTheOneScriptAndNoOther() {
    assertThat(page)
        .contains("default-src &#39;none&#39;")
        .doesNotContain("unsafe-inline")
        .doesNotContain(" style=")
        .doesNotContainPattern("\\son[a-z]+=\"");
  }

  private static List<String> sections(String page) {
    return SECTION.matcher(page).results().map(found -> found.group(1)).toList();
  }
}
