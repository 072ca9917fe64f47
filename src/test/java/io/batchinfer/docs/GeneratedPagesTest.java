package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.ConfigTemplate;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.OptionReference;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GeneratedPagesTest {
  private static final Pattern SETTING = Pattern.compile("(?m)^#([a-z][a-z0-9-]*) =");
  private static final Pattern OPTION_ROW = Pattern.compile("(?m)^\\|[^|]*`(--[a-z0-9-]+)` \\|");

  @Test
  void theCheckedInTemplateIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("conf/batchinfer.conf.template"), ConfigTemplate.render());
  }

  @Test
  void theCheckedInOptionReferenceIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/options.md"), OptionReference.render());
  }

  @Test
  void theCheckedInErrorCodeReferenceIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/error-codes.md"), ErrorCodeReference.render());
  }

  @Test
  void theCheckedInFindingReferenceIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/findings.md"), FindingReference.render());
  }

  @Test
  void theCheckedInStatusTableIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/status-table.md"), StatusTable.render());
  }

  @Test
  void theCheckedInMetricReferenceIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/metrics.md"), MetricReference.render());
  }

  @Test
  void theCheckedInPageOnWatchingIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/watching.md"), WatchingPage.render());
  }

  @Test
  void theCheckedInEndpointReferenceIsTheGeneratedOne() {
    CheckedIn.assertEqual(Path.of("src/site/markdown/endpoints.md"), EndpointReference.render());
  }

  @Test
  void theReadmeShowsTheGeneratedStatusTable() throws IOException {
    assertThat(Files.readString(Path.of("README.md")))
        .as("README.md shows another table than src/site/markdown/status-table.md")
        .contains(StatusTable.rows());
  }

  @Test
  void theTemplateHoldsEveryOptionOnceExceptTheFileItself() {
    List<String> keys =
        SETTING.matcher(ConfigTemplate.render()).results().map(r -> r.group(1)).toList();

    assertThat(keys)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            Options.all().stream()
                .filter(option -> option != GeneralOptions.CONFIG)
                .map(Option::name)
                .toList());
  }

  @Test
  void theOptionReferenceHoldsEveryOptionOnce() {
    assertThat(OPTION_ROW.matcher(OptionReference.render()).results().map(r -> r.group(1)))
        .containsExactlyInAnyOrderElementsOf(Options.all().stream().map(Option::flag).toList());
  }

  @Test
  void theErrorCodeReferenceHoldsEveryCodeOnce() {
    Pattern row = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|");

    assertThat(
            row.matcher(ErrorCodeReference.render()).results().map((MatchResult r) -> r.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            List.of(ErrorCode.values()).stream().map(ErrorCode::code).toList());
  }

  @Test
  void theUncommentedTemplateResolvesToTheDefaults() {
    String uncommented = SETTING.matcher(ConfigTemplate.render()).replaceAll("$1 =");

    ResolvedOptions resolved =
        OptionSources.builder().file("template", uncommented.lines().toList()).resolve();

    assertThat(uncommented).contains("\nrequest-timeout = 10m\n").contains("\nmodel =\n");
    assertThat(resolved.asStrings())
        .isEqualTo(OptionSources.builder().resolve().asStrings())
        .containsEntry("max-attempts", "5");
    assertThat(resolved.isGiven(RetryOptions.MAX_ATTEMPTS)).isTrue();
  }
}
