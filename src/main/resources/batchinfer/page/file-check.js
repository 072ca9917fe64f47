import { get } from "./api.js";
import { element, setChildren } from "./dom.js";
import { linesWords } from "./error-words.js";
import { count } from "./format.js";

/** What the service says about each file, in the order given. */
export function checkFiles(files, endpoint, signal) {
  return Promise.all(
    files.map(async (file) => ({
      file,
      report: await get(`v1/files/${encodeURIComponent(file.id)}/check`, { endpoint }, signal),
    })),
  );
}

export function hasProblems(checks) {
  return checks.some(({ report }) => report.invalid_lines > 0);
}

/** Fills a notice with what is wrong in files, equal problems together. */
export function showChecks(notice, checks) {
  const bad = checks.filter(({ report }) => report.invalid_lines > 0);
  notice.hidden = bad.length === 0;
  setChildren(notice, bad.length === 0 ? [] : bad.flatMap(fileProblems).concat(advice()));
}

function fileProblems({ file, report }) {
  const checked = report.complete
    ? `${count(report.checked_lines)} lines`
    : `the first ${count(report.checked_lines)} lines`;
  const title = element("p", {
    text: `${file.name}: ${count(report.invalid_lines)} of ${checked} cannot be sent.`,
  });
  if (report.form) {
    return [title, element("p", { text: `It ${report.form}.` })];
  }
  const problems = report.problems.map((problem) =>
    element(
      "li",
      {},
      element("span", { text: problem.message }),
      " ",
      element("span", { class: "muted", text: `(${linesWords(problem.lines, problem.count)})` }),
    ),
  );
  return [title, element("ul", {}, ...problems)];
}

function advice() {
  return element("p", {
    text: "Fix the file and upload it again, or start anyway: such lines become errors and the others are sent.",
  });
}
