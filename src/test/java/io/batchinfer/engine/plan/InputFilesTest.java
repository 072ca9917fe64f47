package io.batchinfer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFilesTest {
  @TempDir Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    for (String name :
        List.of(
            "in/top.jsonl",
            "in/_SUCCESS",
            "in/.hidden",
            "in/day=2/b.jsonl",
            "in/day=1/a.jsonl",
            "in/day=1/hour=0/c.jsonl",
            "in/_temporary/x.jsonl",
            "in/.git/x.jsonl",
            "deep/day=1/a.jsonl")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "x");
    }
    Files.createDirectories(folder.resolve("none"));
  }

  private InputFiles found(boolean recursive, String... inputs) {
    ResolvedOptions options =
        recursive
            ? OptionSources.builder().flags(Map.of("recursive", List.of("true"))).resolve()
            : OptionSources.builder().resolve();
    return InputFiles.of(
        new FileStores(Configuration::new),
        List.of(inputs).stream().map(input -> folder.resolve(input).toString()).toList(),
        options);
  }

  private List<String> names(InputFiles files) {
    return files.files().stream()
        .map(FileStore.Entry::path)
        .map(path -> path.substring(("file:" + folder + "/").length()))
        .toList();
  }

  @Test
  void aFolderIsItsFilesAndItsSubfoldersAreSaidToBeLeftOut() {
    InputFiles files = found(false, "in");

    assertThat(names(files)).containsExactly("in/top.jsonl");
    assertThat(files.notice().orElse(""))
        .startsWith("2 subfolders are left out (file:")
        .contains("in/day=1, file:", "in/day=2);")
        .endsWith("--recursive reads them as well.");
  }

  @Test
  void recursiveReadsAllThatIsNotHidden() {
    InputFiles files = found(true, "in");

    assertThat(names(files))
        .containsExactly(
            "in/day=1/a.jsonl", "in/day=1/hour=0/c.jsonl", "in/day=2/b.jsonl", "in/top.jsonl");
    assertThat(files.notice()).isEmpty();
  }

  @Test
  void globsOfFoldersAreLikeFolders() {
    assertThat(names(found(false, "in/day=*")))
        .containsExactly("in/day=1/a.jsonl", "in/day=2/b.jsonl");
    assertThat(found(false, "in/day=*").notice().orElse(""))
        .startsWith("1 subfolder is left out (")
        .endsWith("hour=0); --recursive reads it as well.");
    assertThat(names(found(true, "in/day=*"))).hasSize(3);
    assertThat(names(found(false, "in/*/*.jsonl"))).contains("in/day=1/a.jsonl");
  }

  @Test
  void aFileThatTwoInputsNameIsReadOnceWhereItCameFirst() {
    assertThat(names(found(true, "in/day=2", "in")))
        .containsExactly(
            "in/day=2/b.jsonl", "in/day=1/a.jsonl", "in/day=1/hour=0/c.jsonl", "in/top.jsonl");
  }

  @Test
  void aFolderOfFoldersNamesTheFlagThatReadsThem() {
    assertThatThrownBy(() -> found(false, "deep"))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("holds no files, only subfolders (")
        .hasMessageEndingWith("deep/day=1); give --recursive to read them.");
    assertThat(names(found(true, "deep"))).containsExactly("deep/day=1/a.jsonl");
  }

  @Test
  void nothingIsToldApartFromNoFiles() {
    assertThatThrownBy(() -> found(true, "none")).hasMessageContaining("is a folder without files");
    assertThatThrownBy(() -> found(true, "absent")).hasMessageContaining("There is no input");
  }

  @Test
  void aLinkInACircleIsAnErrorAndNotForEver() throws IOException {
    Files.createSymbolicLink(folder.resolve("in/day=1/again"), folder.resolve("in"));

    assertThatThrownBy(() -> found(true, "in")).hasMessageContaining("in/day=1/again");
  }
}
