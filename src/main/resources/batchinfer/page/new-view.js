import { get, post } from "./api.js";
import { announce, copyOf, element, part, setNotice, setText } from "./dom.js";
import { checkFiles, hasProblems, showChecks } from "./file-check.js";
import { bytes, count, time } from "./format.js";
import { offerUploads } from "./uploading.js";

const ENDPOINTS = [
  "/v1/chat/completions",
  "/v1/embeddings",
  "/v1/fim/completions",
  "/v1/moderations",
  "/v1/chat/moderations",
  "/v1/ocr",
  "/v1/classifications",
  "/v1/chat/classifications",
  "/v1/conversations",
  "/v1/audio/transcriptions",
  "/v1/completions",
  "/v1/responses",
];
const FILES_AT_ONCE = 50;
const HOURS = { least: 1, most: 168 };

export function showNew(root, { query, signal }) {
  root.append(copyOf("new-view"));
  part(root, "endpoint").append(
    ...ENDPOINTS.map((value) => element("option", { value, text: value })),
  );
  const problem = (text) => setNotice(part(root, "problem"), text);
  const choices = inputFiles(root, query.get("file"), problem, signal);
  offerUploads(part(root, "upload"), choices.addUploaded, signal);
  const pairs = metadataPairs(root);
  // What was shown to have problems may be started all the same.
  let accepted = "";

  part(root, "form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = part(root, "submit");
    problem("");
    try {
      const files = choices.chosen();
      const body = jobRequest(
        root,
        files.map((file) => file.id),
        pairs(),
      );
      submit.disabled = true;
      const asked = JSON.stringify([body.input_files, body.endpoint]);
      if (asked !== accepted) {
        setText(submit, "Checking the files…");
        const checks = await checkFiles(files, body.endpoint, signal);
        showChecks(part(root, "checks"), checks);
        if (hasProblems(checks)) {
          accepted = asked;
          announce("Some lines cannot be sent.");
          part(root, "checks").focus();
          return;
        }
      }
      const job = await post("v1/batch/jobs", body);
      announce("The job is created.");
      location.hash = `#/jobs/${encodeURIComponent(job.id)}`;
    } catch (error) {
      if (!signal.aborted) {
        problem(error.message);
        (error.field ?? part(root, "problem")).focus();
      }
    } finally {
      submit.disabled = false;
      setText(submit, accepted === "" ? "Create and start job" : "Start anyway");
    }
  });
  // Another choice is another question.
  part(root, "form").addEventListener("change", () => {
    accepted = "";
    showChecks(part(root, "checks"), []);
    setText(part(root, "submit"), "Create and start job");
  });
}

/** What is wrong with a field, and the field. */
class FieldError extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

function jobRequest(root, inputFiles, metadata) {
  if (inputFiles.length === 0) {
    throw new FieldError("Choose at least one file for this job.", part(root, "input"));
  }
  const timeout = part(root, "timeout");
  const hours = timeout.valueAsNumber;
  if (!Number.isInteger(hours) || hours < HOURS.least || hours > HOURS.most) {
    throw new FieldError(
      `The time limit must be a whole number of hours from ${HOURS.least} to ${HOURS.most}.`,
      timeout,
    );
  }
  const request = {
    input_files: inputFiles,
    endpoint: part(root, "endpoint").value,
    timeout_hours: hours,
  };
  const model = part(root, "model").value.trim();
  if (model !== "") {
    request.model = model;
  }
  if (Object.keys(metadata).length > 0) {
    request.metadata = metadata;
  }
  return request;
}

/** The uploaded files to choose from, newest first. */
function inputFiles(root, preselected, problem, signal) {
  const list = part(root, "choices");
  const more = part(root, "more");
  const listed = new Map();
  const names = new Map();
  let page = 0;

  const add = (file, { chosen, first }) => {
    if (listed.has(file.id)) {
      // A new upload may have come with the list already, where nobody had chosen it.
      listed.get(file.id).checked ||= chosen;
      return;
    }
    const lines = typeof file.num_lines === "number" ? `${count(file.num_lines)} lines, ` : "";
    const box = element("input", { type: "checkbox", value: file.id, checked: chosen });
    names.set(file.id, file.filename);
    listed.set(file.id, box);
    const about = element("span", {
      class: "muted",
      text: `${lines}${bytes(file.bytes)}, ${time(file.created_at)}`,
    });
    const item = element(
      "li",
      {},
      element("label", {}, box, element("span", { class: "name", text: file.filename }), about),
    );
    list.insertBefore(item, first ? list.firstChild : null);
    part(root, "no-files").hidden = true;
  };

  const load = async () => {
    try {
      const asked = {
        purpose: "batch",
        sample_type: "batch_request",
        page,
        page_size: FILES_AT_ONCE,
      };
      const found = await get("v1/files", asked, signal);
      found.data.forEach((file) => add(file, { chosen: file.id === preselected, first: false }));
      page += 1;
      more.hidden = page * FILES_AT_ONCE >= (found.total ?? 0);
      part(root, "no-files").hidden = listed.size > 0;
      if (preselected && page === 1 && !listed.has(preselected)) {
        const file = await get(`v1/files/${encodeURIComponent(preselected)}`, {}, signal);
        add(file, { chosen: true, first: true });
      }
    } catch (error) {
      if (!signal.aborted) {
        problem(error.message);
      }
    }
  };

  more.addEventListener("click", load);
  load();
  return {
    addUploaded: (file) => add(file, { chosen: true, first: true }),
    chosen: () =>
      [...list.querySelectorAll("input:checked")].map((box) => ({
        id: box.value,
        name: names.get(box.value),
      })),
  };
}

/** Rows of key and value; the returned function reads them. */
function metadataPairs(root) {
  const list = part(root, "pairs");
  const add = part(root, "add-pair");
  let made = 0;

  add.addEventListener("click", () => {
    made += 1;
    const field = (name, text, maxlength) => {
      const id = `metadata-${name}-${made}`;
      const input = element("input", {
        id,
        maxlength,
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
      });
      return {
        input,
        node: element("div", { class: "field" }, element("label", { for: id, text }), input),
      };
    };
    const key = field("key", "Key", 32);
    const value = field("value", "Value", 512);
    const drop = element("button", {
      type: "button",
      class: "quiet",
      text: "Remove",
      "aria-label": `Remove metadata ${made}`,
    });
    const row = element("li", {}, key.node, value.node, drop);
    drop.addEventListener("click", () => {
      row.remove();
      add.focus();
    });
    list.append(row);
    key.input.focus();
  });

  return () => {
    // A plain object would take "__proto__" for something else than a key.
    const pairs = new Map();
    for (const row of list.children) {
      const [key, value] = row.querySelectorAll("input");
      const name = key.value.trim();
      const content = value.value.trim();
      if (name === "" && content === "") {
        continue;
      }
      if (name === "" || content === "") {
        throw new FieldError("Metadata needs both a key and a value.", name === "" ? key : value);
      }
      if (pairs.has(name)) {
        throw new FieldError(`The metadata key "${name}" is there twice.`, key);
      }
      pairs.set(name, content);
    }
    return Object.fromEntries(pairs);
  };
}
