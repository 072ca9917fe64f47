import { get, remove } from "./api.js";
import { announce, copyOf, element, part, setNotice } from "./dom.js";
import { download } from "./download.js";
import { bytes, count, time } from "./format.js";
import { PAGE_SIZE, pageOf, setPaging } from "./paging.js";
import { ask } from "./question.js";
import { offerUploads } from "./uploading.js";

const KINDS = { batch_request: "Requests", batch_result: "Results", batch_error: "Errors" };

export function showFiles(root, { query, signal }) {
  root.append(copyOf("files-view"));
  const page = pageOf(query);
  const problem = (text) => setNotice(part(root, "problem"), text);

  const attempt = async (action) => {
    try {
      problem("");
      await action();
    } catch (error) {
      if (!signal.aborted) {
        problem(error.message);
      }
    }
  };

  const refresh = () =>
    attempt(async () => {
      const list = await get("v1/files", { page: page - 1, page_size: PAGE_SIZE }, signal);
      part(root, "rows").replaceChildren(
        ...list.data.map((file) => fileRow(file, attempt, deleted)),
      );
      part(root, "empty").hidden = list.data.length > 0;
      setPaging(part(root, "paging"), {
        page,
        total: list.total ?? list.data.length,
        addressOf: (to) => (to > 1 ? `#/files?page=${to}` : "#/files"),
      });
    });

  const deleted = async (file) => {
    announce(`${file.filename} is deleted.`);
    await refresh();
    root.querySelector("h1").focus();
  };

  offerUploads(part(root, "upload"), refresh, signal);
  refresh();
}

function fileRow(file, attempt, deleted) {
  const kind = KINDS[file.sample_type] ?? file.purpose;
  const lines = typeof file.num_lines === "number" ? `${count(file.num_lines)} lines · ` : "";
  const actions = element("div", { class: "actions" });
  const action = (text, does) =>
    element("button", {
      type: "button",
      class: "quiet",
      text,
      "aria-label": `${text} ${file.filename}`,
      onclick: () => attempt(does),
    });
  if (file.sample_type === "batch_request") {
    actions.append(
      element("a", {
        class: "button quiet",
        href: `#/new?file=${encodeURIComponent(file.id)}`,
        text: "New job",
        "aria-label": `New job from ${file.filename}`,
      }),
    );
  }
  actions.append(
    action("Download", () => download(file)),
    action("Delete", async () => {
      const sure = await ask({
        title: "Delete this file?",
        text: `${file.filename} cannot be brought back.`,
        yes: "Delete file",
        no: "Keep file",
      });
      if (sure) {
        await remove(`v1/files/${encodeURIComponent(file.id)}`);
        await deleted(file);
      }
    }),
  );
  return element(
    "li",
    { class: "row file-row" },
    element(
      "div",
      {},
      element("p", { class: "row-title", text: file.filename }),
      element("p", {
        class: "muted",
        text: `${kind} · ${lines}${bytes(file.bytes)} · ${time(file.created_at)}`,
      }),
    ),
    actions,
  );
}
