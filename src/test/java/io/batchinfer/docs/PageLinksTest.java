package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A link from a page leads somewhere, and every page can be reached. */
class PageLinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern IMAGE = Pattern.compile("!\\[([^]]*)\\]\\(([^)]*)\\)");
  private static final Path INDEX = Path.of("src/site/markdown/index.md");

  /** As the site's generator reads the index: a row of a table, or an item of a numbered list. */
  private static final Pattern LISTED =
      Pattern.compile("(?m)^(?:\\| |\\d+\\. )\\[.+?\\]\\(([^)#]+)\\)");

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> dead = new ArrayList<>();
    for (Path page : Pages.all()) {
      Matcher link = LINK.matcher(BLOCK.matcher(Pages.text(page)).replaceAll(""));
      while (link.find()) {
        String target = link.group(1);
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        // The site's pages end otherwise than their sources.
        String[] parts = target.replaceFirst("\\.html(?=#|$)", ".md").split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!Files.exists(BuiltProduct.baseDirectory().resolve(file))) {
          dead.add(page + ": " + target);
        } else if (parts.length == 2 && !anchors(file).contains(parts[1])) {
          dead.add(page + ": " + target + " (no such heading)");
        }
      }
    }

    assertThat(dead).isEmpty();
  }

  @Test
  void theIndexListsEveryPageOnce() {
    List<Path> listed =
        LISTED
            .matcher(Pages.text(INDEX))
            .results()
            .map(entry -> INDEX.resolveSibling(entry.group(1)).normalize())
            .toList();

    assertThat(listed)
        .as("The site's navigation is made of %s.", INDEX)
        .containsExactlyInAnyOrderElementsOf(
            Pages.all().stream().filter(page -> !page.equals(INDEX)).toList());
  }

  @Test
  void everyPictureIsSaidInWords() {
    List<String> silent = new ArrayList<>();
    for (Path page : Pages.all()) {
      IMAGE
          .matcher(BLOCK.matcher(Pages.text(page)).replaceAll(""))
          .results()
          .filter(image -> image.group(1).split(" ").length < 3)
          .forEach(image -> silent.add(page + ": " + image.group(2)));
    }

    assertThat(silent).as("pictures whose text does not say what they show").isEmpty();
  }

  /** As GitHub and most other readers of Markdown make them. */
  private static Set<String> anchors(Path page) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    Matcher heading = HEADING.matcher(BLOCK.matcher(Pages.text(page)).replaceAll(""));
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .strip()
              .replaceAll("\\[([^]]*)\\]\\([^)]*\\)", "$1")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      int count = seen.merge(anchor, 1, Integer::sum);
      anchors.add(count == 1 ? anchor : anchor + "-" + (count - 1));
    }
    return anchors;
  }
}
