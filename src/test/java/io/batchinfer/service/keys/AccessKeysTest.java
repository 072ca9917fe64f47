package io.batchinfer.service.keys;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.store.Workspace;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessKeysTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final VirtualTime time = new VirtualTime();
  private final List<String> problems = new ArrayList<>();

  @TempDir private Path folder;
  private Path file;
  private KeysFile keysFile;

  @BeforeEach
  void name() {
    file = folder.resolve("keys.json");
    keysFile = new KeysFile(file, time.clock());
  }

  private AccessKeys open() {
    return AccessKeys.open(file, time, problems::add);
  }

  private static Optional<String> opened(AccessKeys keys, String key) {
    return keys.workspaceOf(key).map(Workspace::name);
  }

  @Test
  void everyKeyOpensItsWorkspace() {
    String acme = keysFile.create("acme");
    String secondOfAcme = keysFile.create("acme");
    String other = keysFile.create("other");

    AccessKeys keys = open();

    assertThat(acme).matches("bi_[0-9a-f]{8}_[A-Za-z0-9_-]{43}").isNotEqualTo(secondOfAcme);
    assertThat(opened(keys, acme)).contains("acme");
    assertThat(opened(keys, secondOfAcme)).contains("acme");
    assertThat(opened(keys, other)).contains("other");
  }

  @Test
  void aWrongSecretOfARightIdOpensNothing() {
    String key = keysFile.create("acme");
    AccessKeys keys = open();

    for (int i = "bi_".length() + 9; i < key.length(); i++) {
      char changed = key.charAt(i) == 'A' ? 'B' : 'A';
      String wrong = key.substring(0, i) + changed + key.substring(i + 1);
      assertThat(keys.workspaceOf(wrong)).as("character %d changed", i).isEmpty();
    }
    assertThat(opened(keys, key)).contains("acme");
  }

  @Test
  void theSecretOfOneIdDoesNotOpenAnother() {
    String one = keysFile.create("acme");
    String two = keysFile.create("other");
    AccessKeys keys = open();

    assertThat(keys.workspaceOf(one.substring(0, 12) + two.substring(12))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "bi_", "sk-1", "bi_00000000_", "\u0000", "bi_ÄÄÄÄÄÄÄÄ_x"})
  void whatIsNoKeyOpensNothing(String text) {
    String key = keysFile.create("acme");
    AccessKeys keys = open();

    assertThat(keys.workspaceOf(text)).isEmpty();
    assertThat(keys.workspaceOf(key + text + " ")).isEmpty();
    assertThat(keys.workspaceOf("bi_00000000_" + "A".repeat(43))).isEmpty();
  }

  @Test
  void aRevokedKeyIsRefusedWithinASecondAndTheOthersAreNot() {
    String revoked = keysFile.create("acme");
    String kept = keysFile.create("acme");
    AccessKeys keys = open();

    keysFile.revoke(AccessKey.idIn(revoked).orElseThrow());
    boolean openBefore = keys.workspaceOf(revoked).isPresent();
    time.advance(SECOND);

    assertThat(openBefore).as("the file is not looked at for every call").isTrue();
    assertThat(keys.workspaceOf(revoked)).isEmpty();
    assertThat(opened(keys, kept)).contains("acme");
    assertThat(problems).isEmpty();
  }

  @Test
  void aNewKeyAndNewSettingsCountWithoutARestart() {
    keysFile.create("acme");
    AccessKeys keys = open();

    String key = keysFile.create("late");
    keysFile.set("late", AccessKeysTest::withLimits);
    time.advance(SECOND);

    assertThat(keys.workspaceOf(key)).contains(withLimits(Workspace.named("late")));
    assertThat(keys.workspace("late")).isEqualTo(withLimits(Workspace.named("late")));
    assertThat(keys.workspace("acme")).isEqualTo(Workspace.named("acme"));
    assertThat(keys.workspace("unheard-of")).isEqualTo(Workspace.named("unheard-of"));
  }

  private static Workspace withLimits(Workspace workspace) {
    return new Workspace(
        workspace.name(),
        Optional.of("LATE_KEY"),
        Optional.empty(),
        Optional.of(64),
        Optional.of(2.5),
        Optional.of(6000L));
  }

  /** After a pause all that is known may be old: nobody may go by it while another one looks. */
  @Test
  void aRevokedKeyIsRefusedToTwoCallsAtOnceAfterAPause() throws Exception {
    String key = keysFile.create("acme");
    CountDownLatch mayLook = new CountDownLatch(1);
    CountDownLatch looks = new CountDownLatch(1);
    ThreadLocal<Integer> asked = ThreadLocal.withInitial(() -> 0);
    Thread main = Thread.currentThread();
    AccessKeys keys =
        AccessKeys.open(
            file,
            () -> {
              asked.set(asked.get() + 1);
              // The second time is the one at which a thread has begun to look.
              if (asked.get() == 2 && Thread.currentThread() != main && looks.getCount() > 0) {
                looks.countDown();
                await(mayLook);
              }
              return time.nanos();
            },
            problems::add);
    keysFile.revoke(AccessKey.idIn(key).orElseThrow());
    time.advance(Duration.ofMinutes(30));
    List<Boolean> opened = Collections.synchronizedList(new ArrayList<>());
    Runnable call = () -> opened.add(keys.workspaceOf(key).isPresent());

    Thread first = new Thread(call);
    first.start();
    await(looks);
    Thread second = new Thread(call);
    second.start();
    Eventually.await(
        "the second call waits, or is answered",
        LONG_ENOUGH,
        () ->
            second.getState() == Thread.State.WAITING
                || second.getState() == Thread.State.TERMINATED,
        () -> second.getState().toString());
    mayLook.countDown();
    first.join();
    second.join();

    assertThat(opened).containsExactly(false, false);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As an editor that keeps the attributes would, or a network filesystem that shows old ones. */
  @Test
  void aRevocationThatChangesNoAttributeCountsWithinTenSeconds() throws IOException {
    String key = keysFile.create("acme");
    String content = Files.readString(file);
    Files.writeString(file, content.replace("\n  } ]", ",\n \"revoked_at\":\"today\"  } ]"));
    String revoked = Files.readString(file);
    assertThat(revoked).isNotEqualTo(content);
    Files.writeString(file, content + " ".repeat(revoked.length() - content.length()));
    FileTime modified = Files.getLastModifiedTime(file);
    AccessKeys keys = open();
    boolean openBefore = keys.workspaceOf(key).isPresent();

    Files.writeString(file, revoked);
    Files.setLastModifiedTime(file, modified);
    for (int i = 0; i < 9; i++) {
      time.advance(SECOND);
      keys.workspaceOf("any");
    }

    assertThat(openBefore).isTrue();
    assertThat(keys.workspaceOf(key)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"keys\":{}}", "{\"keys\":[{\"id\":\"x\"}]}"})
  void aFileThatBreaksKeepsItsLastGoodStateAndIsReportedOnce(String broken) throws IOException {
    String key = keysFile.create("acme");
    String good = Files.readString(file);
    AccessKeys keys = open();

    Files.writeString(file, broken);
    for (int i = 0; i < 30; i++) {
      time.advance(SECOND);
      assertThat(opened(keys, key)).contains("acme");
    }
    assertThat(problems)
        .singleElement()
        .asString()
        .startsWith("Keys file \"" + file + "\" cannot be used, because ")
        .endsWith(" stay valid.");

    Files.writeString(file, good);
    time.advance(SECOND);
    assertThat(opened(keys, key)).contains("acme");
    Files.delete(file);
    time.advance(SECOND);
    assertThat(opened(keys, key)).contains("acme");
    assertThat(problems).hasSize(2);
    assertThat(problems.get(1)).contains("does not exist");
  }

  @Test
  void aRepairedFileCountsAgain() throws IOException {
    String key = keysFile.create("acme");
    String good = Files.readString(file);
    AccessKeys keys = open();

    Files.writeString(file, "{");
    time.advance(SECOND);
    assertThat(opened(keys, key)).contains("acme");
    Files.writeString(file, good);
    keysFile.revoke(AccessKey.idIn(key).orElseThrow());
    time.advance(SECOND);

    assertThat(keys.workspaceOf(key)).isEmpty();
  }

  @Test
  void anUnusableFileDoesNotOpen() throws IOException {
    assertThatThrownBy(this::open)
        .isInstanceOf(BatchException.class)
        .hasMessage(
            "Keys file \"%s\" does not exist; name another, or make it with \"batchinfer keys create\".",
            file);

    String key = keysFile.create("acme");
    Files.writeString(file, Files.readString(file).replace("\"acme\"", "bi_secret"));
    assertThatThrownBy(this::open)
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("it is not valid JSON at line 4, column ")
        .hasMessageNotContaining("secret")
        .rootCause()
        .hasMessageNotContaining("secret");
    assertThat(key).startsWith("bi_");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"concurrency\":0",
        "\"concurrency\":\"64\"",
        "\"concurrency\":1.5",
        "\"concurrency\":2147483648",
        "\"max_cost\":-1",
        "\"max_cost\":\"much\"",
        "\"requests_per_minute\":0",
        "\"api_key_env\":7",
        "\"api_key_env\":\"A\",\"api_key_file\":\"b\"",
        "\"max_cost\":1,\"max_cost\":2",
      })
  void aSettingThatIsNoneIsAMistakeInTheFile(String setting) throws IOException {
    Files.writeString(file, "{\"workspaces\":{\"acme\":{" + setting + "}}}");

    assertThatThrownBy(this::open)
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("cannot be used, because");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a_b", "a/b", "..", "ä"})
  void noWorkspaceHasSuchAName(String name) throws IOException {
    Files.writeString(file, "{\"workspaces\":{\"" + name + "\":{}}}");

    assertThatThrownBy(this::open).hasMessageContaining("can be named \"" + name + "\"");
    assertThatThrownBy(() -> Workspace.named(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keysFile.create(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNameHasAtMostSixtyThreeCharacters() {
    assertThat(Workspace.isName("a".repeat(63))).isTrue();
    assertThat(Workspace.isName("a".repeat(64))).isFalse();
    assertThat(Workspace.isName("acme\n")).isFalse();
  }

  /** A time that cannot be read must not make the key valid again. */
  @ParameterizedTest
  @ValueSource(strings = {"\"yesterday\"", "true", "\"2026-01-01T00:00:00Z\""})
  void whateverIsInRevokedAtRevokes(String value) throws IOException {
    String key = keysFile.create("acme");
    String content = Files.readString(file);
    Files.writeString(
        file, content.replace("\"hash\"", "\"revoked_at\" : " + value + ",\n    \"hash\""));

    assertThat(open().workspaceOf(key)).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void theFileHoldsNoKeyAndOnlyItsOwnerMayReadIt() throws IOException {
    String key = keysFile.create("acme");

    assertThat(Files.readString(file)).doesNotContain(key.substring(12));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    keysFile.create("acme");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void noObjectShowsAKeyASaltOrAHash() throws IOException {
    String key = keysFile.create("acme");
    AccessKeys keys = open();
    String content = Files.readString(file);
    String hash = content.replaceAll("(?s).*\"hash\" : \"([^\"]*)\".*", "$1");
    String salt = content.replaceAll("(?s).*\"salt\" : \"([^\"]*)\".*", "$1");

    String shown = keysFile.keys() + " " + keys.workspaceOf(key);

    assertThat(hash).hasSize(64);
    assertThat(salt).hasSize(32);
    assertThat(shown).contains("acme").doesNotContain(hash, salt, key.substring(12));
  }
}
