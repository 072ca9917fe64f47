const LINE = /^Line (\d+): (.*)$/s;
const EXPLAINED = /^[a-z0-9_]+: (.+)$/s;
const STATUS = /^http_(\d{3})$/;
const CODE = /^[a-z0-9_]+$/;
const SHOWN_LINES = 5;

/** What went wrong, for people: a message where there is one, not the code that stands for it. */
export function errorWords(text) {
  const status = STATUS.exec(text);
  if (status) {
    return `The endpoint refused the request with status ${status[1]}.`;
  }
  const explained = EXPLAINED.exec(text);
  if (explained) {
    return explained[1];
  }
  if (CODE.test(text) && text !== "") {
    const words = text.replaceAll("_", " ");
    return `The endpoint refused the request: ${words}.`;
  }
  return text;
}

/** Equal errors as one, in the order of how many requests have them. */
export function groupErrors(errors) {
  const groups = new Map();
  for (const error of errors) {
    const placed = LINE.exec(error.message);
    const words = errorWords(placed ? placed[2] : error.message);
    const group = groups.get(words) ?? { message: words, count: 0, lines: [] };
    group.count += error.count ?? 1;
    if (placed) {
      group.lines.push(Number(placed[1]));
    }
    groups.set(words, group);
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

/** Where the lines of a group are: "lines 3, 7 and 12 more"; empty when it has none. */
export function linesWords(lines, total = lines.length) {
  if (lines.length === 0) {
    return "";
  }
  const shown = lines.slice(0, SHOWN_LINES).join(", ");
  const more = total - Math.min(lines.length, SHOWN_LINES);
  return `${total === 1 ? "line" : "lines"} ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}
