import { beginning } from "./api.js";
import { element } from "./dom.js";

const HEAD_BYTES = 64 * 1024;
const SHOWN_ROWS = 10;
const LONGEST_TEXT = 600;

/** The first rows of a file of results, errors or requests, each by its id and what it says. */
export async function previewOf(file, signal) {
  const text = await beginning(
    `v1/files/${encodeURIComponent(file.id)}/content`,
    HEAD_BYTES,
    signal,
  );
  const lines = text.split("\n");
  if (text.length >= HEAD_BYTES && lines.length > 1) {
    // The last line is cut off.
    lines.pop();
  }
  const rows = lines.filter((line) => line.trim() !== "").slice(0, SHOWN_ROWS);
  if (rows.length === 0) {
    return element("p", { class: "muted", text: "There is nothing in this file." });
  }
  return element("ol", { class: "preview" }, ...rows.map(previewRow));
}

function previewRow(line) {
  let row;
  try {
    row = JSON.parse(line);
  } catch {
    return element("li", {}, element("p", { class: "answer", text: shortened(line) }));
  }
  const id = row.custom_id ?? row.input?.line;
  return element(
    "li",
    {},
    element("p", { class: "muted", text: id === undefined || id === null ? "no id" : String(id) }),
    element("p", { class: "answer", text: shortened(saying(row)) }),
  );
}

/** What a row says: the answer, the message of its error, or the request. */
function saying(row) {
  if (row.error) {
    return row.error.message ?? JSON.stringify(row.error);
  }
  const body = row.response?.body ?? row.body ?? row;
  if (typeof body === "string") {
    return body;
  }
  const choice = body?.choices?.[0];
  const message = choice?.message?.content ?? choice?.text;
  if (typeof message === "string" && message !== "") {
    return message;
  }
  const refused = body?.error?.message ?? (row.response?.status_code >= 400 && body?.message);
  if (typeof refused === "string") {
    return refused;
  }
  const asked = body?.messages?.at(-1)?.content ?? body?.prompt ?? body?.input;
  return typeof asked === "string" ? asked : JSON.stringify(body);
}

function shortened(text) {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
