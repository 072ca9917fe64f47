package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.service.keys.AccessKeys;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysCommandTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("keys.json");
  }

  private CommandLineRun keys(String command, String... arguments) {
    List<String> words = new ArrayList<>(List.of("keys", command, "--keys-file", file.toString()));
    words.addAll(Arrays.asList(arguments));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  private String created(String workspace) {
    return keys("create", "--workspace", workspace).out().strip();
  }

  private static String id(String key) {
    return key.substring(3, 11);
  }

  @Test
  void aNewKeyIsAloneOnStandardOutputAndOpensItsWorkspace() {
    CommandLineRun run = keys("create", "--workspace", "acme");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).matches("bi_[0-9a-f]{8}_[A-Za-z0-9_-]{43}\\R");
    assertThat(run.err().strip())
        .isEqualTo("This key of workspace \"acme\" is not shown again; keep it safe.");
    assertThat(
            AccessKeys.open(file, new VirtualTime(), problem -> {}).workspaceOf(run.out().strip()))
        .isPresent();
  }

  @Test
  void theListShowsEveryKeyAndNothingSecret() throws IOException {
    String kept = created("acme");
    String revoked = created("a-much-longer-name");
    keys("revoke", id(revoked));

    CommandLineRun list = keys("list");
    CommandLineRun json = keys("list", "--json");

    List<String> lines = list.out().lines().toList();
    assertThat(list.exitCode()).isZero();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).matches("id +workspace +created +revoked");
    assertThat(lines.get(1)).matches(id(kept) + "  acme +20\\S+Z  -");
    assertThat(lines.get(2)).matches(id(revoked) + "  a-much-longer-name  20\\S+Z  20\\S+Z");
    assertThat(json.out().strip())
        .matches(
            "\\{\"keys\":\\[\\{\"id\":\"%s\",\"workspace\":\"acme\",\"created_at\":\"[^\"]+\",\"revoked_at\":null},\\{\"id\":\"%s\",\"workspace\":\"a-much-longer-name\",\"created_at\":\"[^\"]+\",\"revoked_at\":\"[^\"]+\"}]}"
                .formatted(id(kept), id(revoked)));
    String content = Files.readString(file);
    String hash = content.replaceAll("(?s).*?\"hash\" : \"([^\"]*)\".*", "$1");
    assertThat(list.out() + json.out()).doesNotContain(hash, kept.substring(12), "salt");
  }

  @Test
  void aRevokedKeyOpensNothing() {
    String key = created("acme");

    CommandLineRun first = keys("revoke", id(key));
    CommandLineRun second = keys("revoke", id(key));

    assertThat(first.exitCode()).isZero();
    assertThat(first.out()).startsWith("Revoked key \"" + id(key) + "\" of workspace \"acme\"");
    assertThat(second.exitCode()).isZero();
    assertThat(second.out()).contains("was revoked before");
    assertThat(AccessKeys.open(file, new VirtualTime(), problem -> {}).workspaceOf(key)).isEmpty();
  }

  @Test
  void aWholeKeyIsNotAcceptedAsAnIdAndNotRepeated() {
    String key = created("acme");

    CommandLineRun run = keys("revoke", key);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("never the key itself").doesNotContain(key, key.substring(12));
  }

  @Test
  void settingsAreSetOneByOneShownAndTakenAway() {
    created("acme");

    CommandLineRun none = keys("workspace", "--workspace", "acme");
    keys("workspace", "--workspace", "acme", "--concurrency", "64", "--max-cost", "2.50");
    keys("workspace", "--workspace", "acme", "--upstream-key-env", "ACME_KEY");
    CommandLineRun more = keys("workspace", "--workspace", "acme", "--requests-per-minute", "6000");
    keys("workspace", "--workspace", "acme", "--concurrency", "none");
    CommandLineRun shown =
        keys("workspace", "--workspace", "acme", "--upstream-key-file", file.toString());

    assertThat(none.out().lines())
        .containsExactly(
            "workspace            acme",
            "upstream key         not set",
            "concurrency          not set",
            "max cost             not set",
            "requests per minute  not set",
            "dedupe               not set",
            "order                not set",
            "reuse of jobs        not set");
    assertThat(more.out().lines())
        .containsExactly(
            "workspace            acme",
            "upstream key         in variable ACME_KEY",
            "concurrency          64",
            "max cost             2.5",
            "requests per minute  6000",
            "dedupe               not set",
            "order                not set",
            "reuse of jobs        not set");
    assertThat(shown.out().lines())
        .containsExactly(
            "workspace            acme",
            "upstream key         in file " + file,
            "concurrency          not set",
            "max cost             2.5",
            "requests per minute  6000",
            "dedupe               not set",
            "order                not set",
            "reuse of jobs        not set");
    assertThat(shown.err()).isEmpty();
    assertThat(keys("workspace", "--workspace", "acme").out()).isEqualTo(shown.out());
  }

  @Test
  void anUpstreamKeyFileThatIsNotThereYetIsMentioned() {
    CommandLineRun run =
        keys("workspace", "--workspace", "acme", "--upstream-key-file", "no-such.key");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).startsWith("There is no file at --upstream-key-file yet");
    assertThat(run.out()).contains("in file " + Path.of("no-such.key").toAbsolutePath());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create    | --workspace Acme | --workspace is \"Acme\", which no workspace can be named",
        "create    | '' | Missing: --workspace NAME",
        "create    | --workspace a --workspace b | Option --workspace NAME is given more than once",
        "create    | --workspac acme | Missing: --workspace NAME",
        "list      | --jsn | Option --jsn is unknown. Did you mean \"--json\"?",
        "list      | more | takes no argument in that place",
        "revoke    | '' | Missing: KEYID",
        "revoke    | 1A2B | KEYID is \"1A2B\", not the id of a key",
        "revoke    | 00000000 | There is no key \"00000000\"",
        "workspace | --workspace acme --concurrency 0 | --concurrency is \"0\"; give a whole number",
        "workspace | --workspace acme --concurrency 2147483648 | from 1 to 2147483647",
        "workspace | --workspace acme --concurrency many | --concurrency is \"many\"",
        "workspace | --workspace acme --max-cost 0.0 | --max-cost is \"0.0\"; give a number above 0",
        "workspace | --workspace acme --max-cost NaN | --max-cost is \"NaN\"",
        "workspace | --workspace acme --requests-per-minute 1.5 | --requests-per-minute is \"1.5\"",
        "workspace | --workspace acme --upstream-key-env A --upstream-key-file b | give one of them",
        "workspace | --workspace other | has neither a key nor a setting of workspace \"other\"",
      })
  void aMistakeIsExitTwoAndChangesNothing(String command, String arguments, String words)
      throws IOException {
    created("acme");
    String content = Files.readString(file);

    CommandLineRun run = keys(command, arguments.isEmpty() ? new String[0] : arguments.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(words);
    assertThat(run.out()).isEmpty();
    assertThat(Files.readString(file)).isEqualTo(content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--upstream-key-env", "--workspace", "--concurrency"})
  void aKeyInTheWrongPlaceIsNotRepeated(String flag) {
    String key = "sk-proj-0123456789abcdefABCDEF";

    CommandLineRun run =
        flag.equals("--workspace")
            ? keys("create", flag, key)
            : keys("workspace", "--workspace", "acme", flag, key);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(flag).doesNotContain("0123456789");
    assertThat(file).doesNotExist();
  }

  @Test
  void anAbsentFileIsExitTwoWithWhatToDo() {
    CommandLineRun run = keys("list");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("does not exist", "batchinfer keys create");
  }

  @Test
  void withoutACommandTheUsageIsShown() {
    CommandLineRun bare = CommandLineRun.of("keys");
    CommandLineRun mistyped = CommandLineRun.of("keys", "crate");

    assertThat(bare.exitCode()).isEqualTo(2);
    assertThat(bare.err()).contains("create", "list", "revoke", "workspace");
    assertThat(mistyped.exitCode()).isEqualTo(2);
    assertThat(mistyped.err()).contains("Did you mean \"create\"?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "list", "revoke", "workspace"})
  void helpEndsWithALineToTry(String command) {
    CommandLineRun help = CommandLineRun.of("keys", command, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).startsWith("Usage: batchinfer keys " + command);
    assertThat(help.out().substring(help.out().indexOf("Example")).replaceAll("\\s+", " "))
        .contains("batchinfer keys " + command + " --keys-file keys.json");
  }
}
