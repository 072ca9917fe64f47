package io.batchinfer.report.page;

import io.batchinfer.findings.Finding;
import java.util.List;

/** What to do next time, each with what it rests on. */
final class FindingsPart {
  private final List<Finding> findings;

  FindingsPart(List<Finding> findings) {
    this.findings = List.copyOf(findings);
  }

  /** Empty where nothing was found. */
  Html html() {
    Html html = new Html();
    if (findings.isEmpty()) {
      return html;
    }
    html.open("ol", "class", "findings");
    for (Finding finding : findings) {
      html.open("li", "class", "card");
      html.open("h3").foreign(finding.sentence()).close("h3");
      html.open("p").foreign(finding.evidence()).close("p");
      html.open("p", "class", "advice").foreign(finding.advice());
      finding.option().ifPresent(option -> html.text(" ").code(option));
      html.close("p").close("li");
    }
    return html.close("ol");
  }
}
