package io.batchinfer.report.page;

import io.batchinfer.course.JobCourse;
import io.batchinfer.findings.Finding;
import io.batchinfer.model.JobRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The report of a job as one HTML document: style, drawings and the little script that shows values
 * where it is pointed at are in it, and nothing is loaded from elsewhere. All of it can be read
 * without the script. It holds no prompts, answers or keys.
 */
public final class ReportPage {
  private static final String STYLE = resource("report.css");
  private static final String SCRIPT = resource("report.js");

  /** What the page may do, as a Content-Security-Policy; it says so itself. */
  public static final String POLICY =
      "default-src 'none'; img-src data:; style-src %s; script-src %s; base-uri 'none'; form-action 'none'"
          .formatted(hash(STYLE), hash(SCRIPT));

  private ReportPage() {}

  /** A section with the words for it in the table of contents. */
  private record Section(String id, String title, Html html) {}

  /**
   * Writes the page.
   *
   * @param job as its record has it
   * @param course what was recorded of its runs and rows; may be empty
   * @param batches those at its provider, by their numbers; none where it has none
   * @param findings what to do next time, the weightiest first
   * @return the document
   */
  public static String write(
      JobRecord job, JobCourse course, List<ProviderBatch> batches, List<Finding> findings) {
    HeadPart head = new HeadPart(job, course);
    List<Section> sections = sections(job, course, batches, findings);
    Html html = new Html();
    html.markup("<!doctype html>\n").open("html", "lang", "en").open("head");
    html.open("meta", "charset", "utf-8");
    html.open("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.open("meta", "name", "color-scheme", "content", "light dark");
    html.open("meta", "name", "referrer", "content", "no-referrer");
    html.open("link", "rel", "icon", "href", "data:,");
    html.element("title", head.title() + " – report");
    html.open("style").markup(STYLE).close("style").close("head").open("body");
    html.element("a", "Skip to the content", "class", "skip", "href", "#main");
    html.open("main", "id", "main").add(head.html());
    contents(html, sections);
    for (Section section : sections) {
      html.add(section.html());
    }
    if (course.isEmpty()) {
      html.element(
          "p",
          "How the job went over time was not recorded: it was run by an older version of the program, or ended before it sent anything.",
          "class",
          "muted");
    }
    html.close("main");
    html.open("script").markup(SCRIPT).close("script");
    return html.close("body").close("html").markup("\n").toString();
  }

  private static List<Section> sections(
      JobRecord job, JobCourse course, List<ProviderBatch> batches, List<Finding> findings) {
    List<Section> sections = new ArrayList<>();
    add(sections, "findings", "What to do next time", new FindingsPart(findings).html());
    add(sections, "course", "Over time", Parts.grid(new PacePart(Steps.of(course)).figures()));
    add(sections, "spread", "Times and sizes", spread(course));
    add(sections, "errors", "Errors", new ErrorsPart(job, course).html());
    add(sections, "answers", "Attempts and answers", new AnswersPart(job, course).html());
    add(sections, "cost", "Tokens and cost", new CostPart(job).html());
    add(sections, "places", "Who did the work", new PlacesPart(job, course).html());
    add(sections, "slowest", "What took longest", new SlowestPart(course).html());
    add(sections, "batches", "Batches", new BatchesPart(job, course, batches).html());
    add(sections, "runs", "Runs", new RunsPart(job, course).html());
    return sections;
  }

  private static Html spread(JobCourse course) {
    List<Html> figures = new ArrayList<>();
    Spread.of(course.rows().latencies())
        .figure("latency", "Time of a row", "Half of the rows took less than")
        .ifPresent(figures::add);
    Spread.of(course.rows().promptTokens())
        .figure("prompt-tokens", "Prompt tokens of a row", "Half of the rows had fewer than")
        .ifPresent(figures::add);
    Spread.of(course.rows().completionTokens())
        .figure(
            "completion-tokens", "Completion tokens of a row", "Half of the rows had fewer than")
        .ifPresent(figures::add);
    return Parts.grid(figures);
  }

  private static void add(List<Section> sections, String id, String title, Html content) {
    if (!content.isEmpty()) {
      sections.add(new Section(id, title, Parts.section(id, title, content)));
    }
  }

  private static void contents(Html html, List<Section> sections) {
    if (sections.isEmpty()) {
      return;
    }
    html.open("nav", "aria-label", "Sections").open("ul");
    for (Section section : sections) {
      html.open("li").element("a", section.title(), "href", "#" + section.id()).close("li");
    }
    html.close("ul").close("nav");
  }

  private static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            ReportPage.class.getResourceAsStream("/batchinfer/report/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read \"" + name + "\" of the program's own jar", e);
    }
  }

  /** How a policy names the one style sheet or script that it allows. */
  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
