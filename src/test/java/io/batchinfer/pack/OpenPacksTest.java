package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When rows stop waiting for others. */
class OpenPacksTest {
  private int most = 3;
  private final OpenPacks packs = new OpenPacks(() -> most);

  private static PackRow ofModel(String model, String input) {
    String body = "{\"model\":\"%s\",\"input\":\"%s\"}".formatted(model, input);
    return new PackRow(PackRows.packable(body).orElseThrow());
  }

  @Test
  void rowsWaitUntilARequestIsFull() {
    List<PackRow> rows = PackRows.rows(4);

    assertThat(packs.add(rows.get(0))).isEmpty();
    assertThat(packs.add(rows.get(1))).isEmpty();
    assertThat(packs.add(rows.get(2))).contains(rows.subList(0, 3));
    assertThat(packs.add(rows.get(3))).isEmpty();
    assertThat(packs.fullest()).contains(rows.subList(3, 4));
    assertThat(packs.fullest()).isEmpty();
  }

  @Test
  void theBoundMayChangeMeanwhile() {
    List<PackRow> rows = PackRows.rows(2);

    assertThat(packs.add(rows.get(0))).isEmpty();
    most = 1;
    assertThat(packs.add(rows.get(1))).contains(rows);
  }

  @Test
  void everyKindOfRowHasAPackOfItsOwn() {
    PackRow a1 = ofModel("a", "1");
    PackRow a2 = ofModel("a", "2");
    PackRow b1 = ofModel("b", "1");

    assertThat(packs.add(b1)).isEmpty();
    assertThat(packs.add(a1)).isEmpty();
    assertThat(packs.add(a2)).isEmpty();
    assertThat(packs.fullest()).contains(List.of(a1, a2));
    assertThat(packs.fullest()).contains(List.of(b1));
  }

  @Test
  void whatWouldBecomeTooLargeGoesFirst() {
    String large = "x".repeat(OpenPacks.MOST_BYTES - 3);
    PackRow first = ofModel("a", "1");
    PackRow second = ofModel("a", large);

    assertThat(packs.add(first)).isEmpty();
    assertThat(packs.add(second)).contains(List.of(first));
    assertThat(packs.fullest()).contains(List.of(second));
  }

  @Test
  void manyKindsOfRowsDoNotWaitWithoutEnd() {
    most = 1000;
    long waiting = 0;
    List<PackRow> left = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting += 200_000;
      Optional<List<PackRow>> leaving = packs.add(ofModel("m" + i, "x".repeat(200_000)));
      leaving.ifPresent(left::addAll);
      waiting -= leaving.map(List::size).orElse(0) * 200_000L;
      assertThat(waiting).isLessThanOrEqualTo(OpenPacks.MOST_WAITING);
    }
    assertThat(left).hasSizeGreaterThan(50).doesNotHaveDuplicates();
  }
}
