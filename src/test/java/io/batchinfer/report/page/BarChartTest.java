package io.batchinfer.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.report.page.BarChart.Bar;
import io.batchinfer.report.page.BarChart.Note;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class BarChartTest {
  private static final int BARS = 100;
  private static final Pattern WORDS =
      Pattern.compile("class=\"note-words\"[^>]*text-anchor=\"([a-z]+)\"[^>]*>([^<]*)<");

  @Test
  void notesWithRoomBetweenThemAllHaveWords() {
    assertThat(words(40, 55, 62)).containsExactly("half end", "95 % middle", "99 % start");
  }

  @Test
  void aLineThatIsCloseToAnotherHasNoWords() {
    assertThat(words(40, 55, 60)).containsExactly("half end", "99 % start");
    assertThat(words(50, 55, 70)).containsExactly("half end", "99 % start");
    assertThat(words(50, 50, 50)).containsExactly("half end", "99 % start");
  }

  /** What is written at three lines, and where beside its line each is. */
  private static List<String> words(double half, double most, double nearlyAll) {
    BarChart chart =
        new BarChart(
            Collections.nCopies(BARS, new Bar(1, "1 row")),
            List.of(),
            List.of(new Note("half", half), new Note("95 %", most), new Note("99 %", nearlyAll)));
    String drawn = chart.draw("title", "sentence").toString();
    assertThat(drawn.split("class=\"note\"", -1)).hasSize(4);
    return WORDS
        .matcher(drawn)
        .results()
        .map(found -> found.group(2) + " " + found.group(1))
        .toList();
  }
}
