import { get } from "./api.js";
import { announce, copyOf, element, part, setChildren, setNotice, setText } from "./dom.js";
import { jobName } from "./file-names.js";
import { shortId, time } from "./format.js";
import {
  ACTIVE,
  STATUSES,
  isActive,
  progressBar,
  setProgress,
  setStatus,
  statusName,
} from "./job-status.js";
import { PAGE_SIZE, pageOf, setPaging } from "./paging.js";
import { poll } from "./poll.js";

const ACTIVE_ONES = "active";
// As query parameters these mean something else to the service.
const NO_METADATA_FILTER = [
  "page",
  "page_size",
  "model",
  "agent_id",
  "created_after",
  "created_by_me",
  "status",
  "order_by",
  "inline",
];

/** The list of jobs; its filters and page are in its address. */
export function showJobs(root, { query, signal }) {
  root.append(copyOf("jobs-view"));
  const rows = new Map();
  const page = pageOf(query);
  const filtered = ["status", "model", "metadata"].some((name) => query.get(name));
  fillFilters(root, query);

  const refresh = poll(
    async () => {
      const list = await get("v1/batch/jobs", listQuery(query, page), signal);
      const jobs = list.data ?? [];
      for (const job of jobs) {
        if (!rows.has(job.id)) {
          rows.set(job.id, jobRow(job));
          nameRow(rows.get(job.id), job, signal);
        }
        updateRow(rows.get(job.id), job);
      }
      setChildren(
        part(root, "rows"),
        jobs.map((job) => rows.get(job.id).node),
      );
      const empty = part(root, "empty");
      empty.hidden = jobs.length > 0;
      setText(
        empty,
        filtered || page > 1
          ? "No job fits these filters."
          : "No jobs yet. Upload a file and start the first one.",
      );
      setPaging(part(root, "paging"), {
        page,
        total: list.total,
        addressOf: (to) => jobsAddress({ ...Object.fromEntries(query), page: to }),
      });
      return jobs.some(isActive);
    },
    (text) => setNotice(part(root, "problem"), text),
    signal,
  );
  part(root, "refresh").addEventListener("click", async () => {
    if (await refresh()) {
      announce("The list is up to date.");
    }
  });
}

/** The address of the list with these filters; empty ones are left out. */
export function jobsAddress(filters) {
  const kept = Object.entries(filters).filter(
    ([name, value]) => value && !(name === "page" && value === 1),
  );
  return kept.length > 0 ? `#/jobs?${new URLSearchParams(kept)}` : "#/jobs";
}

/** A metadata pair as a link to the jobs that have it. */
export function metadataLink(key, value) {
  const text = `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;
  if (typeof value !== "string" || NO_METADATA_FILTER.includes(key) || key.includes("=")) {
    return element("span", { class: "pair-label", text });
  }
  return element("a", { class: "pair-label", href: jobsAddress({ metadata: text }), text });
}

function listQuery(query, page) {
  const asked = { page: page - 1, page_size: PAGE_SIZE };
  const status = query.get("status");
  if (status) {
    asked.status = status === ACTIVE_ONES ? ACTIVE : status;
  }
  if (query.get("model")) {
    asked.model = query.get("model");
  }
  const pair = metadataPair(query.get("metadata") ?? "");
  if (pair) {
    asked[pair.key] = pair.value;
  }
  return asked;
}

function metadataPair(text) {
  const cut = text.indexOf("=");
  return cut > 0 ? { key: text.slice(0, cut).trim(), value: text.slice(cut + 1).trim() } : null;
}

function metadataProblem(text) {
  const pair = metadataPair(text);
  if (text !== "" && (pair === null || pair.value === "")) {
    return "Metadata is looked for as key=value, for example job_type=testing.";
  }
  return pair && NO_METADATA_FILTER.includes(pair.key)
    ? `The service cannot look for the metadata key "${pair.key}".`
    : "";
}

function fillFilters(root, query) {
  const form = part(root, "filters");
  const choices = [
    ["", "Any"],
    [ACTIVE_ONES, "Not ended"],
    ...STATUSES.map((status) => [status, statusName(status)]),
  ];
  form.elements.status.append(
    ...choices.map(([value, text]) => element("option", { value, text })),
  );
  for (const name of ["status", "model", "metadata"]) {
    form.elements[name].value = query.get(name) ?? "";
  }
  const apply = () => {
    const problem = metadataProblem(form.elements.metadata.value.trim());
    setNotice(part(root, "filter-problem"), problem);
    form.elements.metadata.toggleAttribute("aria-invalid", problem !== "");
    if (problem === "") {
      location.hash = jobsAddress({
        status: form.elements.status.value,
        model: form.elements.model.value.trim(),
        metadata: form.elements.metadata.value.trim(),
      });
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.elements.status.addEventListener("change", apply);
  part(root, "clear").addEventListener("click", () => {
    location.hash = "#/jobs";
  });
}

function jobRow(job) {
  const badge = element("span");
  const progress = progressBar(`Progress of job ${shortId(job.id)}`);
  const name = element("span", { text: "Job" });
  const link = element(
    "a",
    { class: "row-title", href: `#/jobs/${encodeURIComponent(job.id)}` },
    name,
    " ",
    element("span", { class: "id", text: shortId(job.id) }),
  );
  const about = element("p", {
    class: "muted",
    text: `${job.model || "model per line"} · ${job.endpoint} · ${time(job.created_at)}`,
  });
  const pairs = element(
    "p",
    { class: "pair-labels" },
    ...Object.entries(job.metadata ?? {}).map(([key, value]) => metadataLink(key, value)),
  );
  const node = element(
    "li",
    { class: "row job-row" },
    element("div", { class: "row-head" }, link, badge),
    element("div", { class: "row-about" }, about, pairs),
    progress.node,
  );
  return { node, badge, progress, name };
}

/** Puts the name of the job's file in as soon as it is known; the list does not wait for it. */
async function nameRow(row, job, signal) {
  try {
    setText(row.name, (await jobName(job, signal)) ?? "Job");
  } catch {
    // The id beside it is enough; the next look at the list asks again.
  }
}

function updateRow(row, job) {
  setStatus(row.badge, job.status);
  setProgress(row.progress, job);
}
