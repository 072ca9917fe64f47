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

/** A link from a page leads somewhere, and every page of the site can be reached. */
class PageLinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");

  @Test
  void everyLinkLeadsSomewhere() {
    List<String> dead = new ArrayList<>();
    Set<Path> reached = new HashSet<>();
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
        reached.add(file);
        if (!Files.exists(BuiltProduct.baseDirectory().resolve(file))) {
          dead.add(page + ": " + target);
        } else if (parts.length == 2 && !anchors(file).contains(parts[1])) {
          dead.add(page + ": " + target + " (no such heading)");
        }
      }
    }

    assertThat(dead).isEmpty();
    assertThat(reached)
        .containsAll(Pages.all().stream().filter(PageLinksTest::isOfTheSite).toList());
  }

  private static boolean isOfTheSite(Path page) {
    return page.startsWith("src/site/markdown");
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
