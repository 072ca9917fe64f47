package io.batchinfer.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of the page, whose numbers stand one below the other. For one thread. */
final class Table {
  private final String caption;
  private final List<Column> columns;
  private final List<List<Html>> rows = new ArrayList<>();

  /** A column. */
  record Column(String name, Kind kind) {
    static Column words(String name) {
      return new Column(name, Kind.WORDS);
    }

    static Column number(String name) {
      return new Column(name, Kind.NUMBER);
    }

    /** Bars that show once more what a column of numbers says; left out where room is scarce. */
    static Column bars(String name) {
      return new Column(name, Kind.BARS);
    }

    private String style() {
      return kind.name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the cells of a column hold. */
  private enum Kind {
    WORDS,
    NUMBER,
    BARS
  }

  /**
   * @param caption says to those who do not see the page what the table holds
   */
  Table(String caption, List<Column> columns) {
    this.caption = caption;
    this.columns = List.copyOf(columns);
  }

  /** Adds a row of texts. */
  Table row(List<String> cells) {
    return cells(cells.stream().map(cell -> new Html().text(cell)).toList());
  }

  /** Adds a row of whatever the cells hold. */
  Table cells(List<Html> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          "%d cells in %d columns".formatted(cells.size(), columns.size()));
    }
    rows.add(List.copyOf(cells));
    return this;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  int size() {
    return rows.size();
  }

  /** The table in a box of its own that scrolls where it is wider than the page. */
  Html html() {
    Html html = new Html();
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table");
    html.open("thead").open("tr");
    for (Column column : columns) {
      html.open("th", "scope", "col", "class", column.style());
      if (column.kind() == Kind.BARS) {
        html.element("span", column.name(), "class", "unseen");
      } else {
        html.text(column.name());
      }
      html.close("th");
    }
    html.close("tr").close("thead").open("tbody");
    for (List<Html> row : rows) {
      html.open("tr");
      for (int i = 0; i < row.size(); i++) {
        if (columns.get(i).kind() == Kind.WORDS) {
          html.open("td");
        } else {
          html.open("td", "class", columns.get(i).style());
        }
        html.add(row.get(i)).close("td");
      }
      html.close("tr");
    }
    return html.close("tbody").close("table").close("div");
  }

  /** The table behind a line that opens it. */
  Html folded(String summary) {
    return new Html().open("details").element("summary", summary).add(html()).close("details");
  }
}
