import { get, post, remove } from "./api.js";
import { drawCharts, numbersTable } from "./charts.js";
import { announce, copyOf, element, part, setChildren, setNotice, setText } from "./dom.js";
import { download, openReport } from "./download.js";
import { groupErrors, linesWords } from "./error-words.js";
import { jobName } from "./file-names.js";
import { NONE, amount, bytes, cost, count, duration, shortId, time } from "./format.js";
import {
  isActive,
  percentDone,
  progressBar,
  setProgress,
  setStatus,
  statusName,
} from "./job-status.js";
import { metadataLink } from "./jobs-view.js";
import { poll } from "./poll.js";
import { previewOf } from "./preview.js";
import { ask } from "./question.js";

const ANNOUNCED_STEP = 10;

/** One job: what it is, how far it is, what came out of it. */
export function showJob(root, { id, signal }) {
  root.append(copyOf("job-view"));
  setText(part(root, "heading"), `Job ${shortId(id)}`);
  const address = `v1/batch/jobs/${encodeURIComponent(id)}`;
  const problem = (text) => setNotice(part(root, "problem"), text);
  const show = jobDisplay(root, problem, signal);
  let named = false;

  const refresh = poll(
    async () => {
      const [job, progress] = await Promise.all([
        // Its outputs are for programs; the page offers them as a file.
        get(address, { inline: false }, signal),
        progressOf(address, signal),
      ]);
      show(job, progress);
      if (!named) {
        named = true;
        const name = await jobName(job, signal);
        if (name !== null) {
          setText(part(root, "heading"), name);
        }
      }
      return isActive(job);
    },
    problem,
    signal,
  );

  const act = async (button, question, action) => {
    if (!(await ask(question))) {
      return;
    }
    button.disabled = true;
    try {
      problem("");
      await action();
    } catch (error) {
      if (!signal.aborted) {
        problem(error.message);
      }
    } finally {
      button.disabled = false;
    }
  };
  part(root, "report").addEventListener("click", async () => {
    try {
      problem("");
      await openReport(id);
    } catch (error) {
      if (!signal.aborted) {
        problem(error.message);
      }
    }
  });
  const cancel = part(root, "cancel");
  cancel.addEventListener("click", () =>
    act(
      cancel,
      {
        title: "Cancel this job?",
        text: "Requests that are answered already are kept; no more are sent.",
        yes: "Cancel job",
        no: "Let it run",
      },
      async () => {
        await post(`${address}/cancel`);
        announce("The job is being cancelled.");
        await refresh();
        part(root, "heading").focus();
      },
    ),
  );
  const deletion = part(root, "delete");
  deletion.addEventListener("click", () =>
    act(
      deletion,
      {
        title: "Delete this job?",
        text: "It disappears from the list and cannot be brought back.",
        yes: "Delete job",
        no: "Keep job",
      },
      async () => {
        await remove(address);
        announce("The job is deleted.");
        location.hash = "#/jobs";
      },
    ),
  );
}

/** A job's progress, or null when none is kept of it. */
async function progressOf(address, signal) {
  try {
    return await get(`${address}/progress`, {}, signal);
  } catch (error) {
    if (error.status === 404) {
      return null;
    }
    throw error;
  }
}

/** Fills the view; the returned function takes each newer state of the job. */
function jobDisplay(root, problem, signal) {
  const badge = element("span");
  part(root, "status").append(badge);
  const bar = progressBar("Progress of this job");
  part(root, "bar").append(bar.node);
  const tell = progressTeller();
  const files = fileList(part(root, "files"), problem, signal);
  const numbers = part(root, "numbers");
  let charts = null;
  let latest = null;

  const showNumbers = () => {
    if (numbers.open && latest !== null) {
      part(root, "numbers-table").replaceChildren(
        numbersTable(latest.progress, latest.job.started_at),
      );
    }
  };
  numbers.addEventListener("toggle", showNumbers);

  return (job, progress) => {
    part(root, "loaded").hidden = false;
    part(root, "actions").hidden = false;
    part(root, "report").hidden = typeof job.started_at !== "number";
    const cancel = part(root, "cancel");
    const cancellable = job.status === "QUEUED" || job.status === "RUNNING";
    if (!cancellable && cancel === document.activeElement) {
      // A hidden button would take the focus away with it.
      part(root, "heading").focus();
    }
    cancel.hidden = !cancellable;
    part(root, "delete").hidden = isActive(job);
    setText(
      part(root, "what"),
      `Job ${shortId(job.id)} · ${job.model || "model per line"} · ${job.endpoint}`,
    );
    setStatus(badge, job.status);
    setProgress(bar, job);
    setText(part(root, "time"), timing(job, progress));
    setPairs(part(root, "figures"), figures(job, progress));
    setPairs(part(root, "fields"), fields(job));
    setText(part(root, "json"), JSON.stringify(job, null, 2));
    files(job);
    showErrors(root, job.errors);
    tell(job);

    const drawable = progress !== null && window.Chart !== undefined && progress.points.length > 0;
    const none = part(root, "no-charts");
    none.hidden = drawable;
    numbers.hidden = progress === null || progress.points.length === 0;
    if (drawable) {
      charts ??= drawCharts(part(root, "charts"), signal);
      charts(progress, job.started_at);
    } else {
      setText(none, withoutCharts(progress));
    }
    latest = progress === null ? null : { job, progress };
    showNumbers();
  };
}

function withoutCharts(progress) {
  if (progress === null) {
    return "The service keeps no progress of this job.";
  }
  return progress.points.length === 0
    ? "Nothing has been measured yet."
    : "The charts could not be loaded.";
}

function timing(job, progress) {
  if (typeof job.started_at !== "number") {
    return isActive(job) ? "waiting to start" : "";
  }
  if (!isActive(job)) {
    return typeof job.completed_at === "number"
      ? `took ${duration(job.completed_at - job.started_at)}`
      : "";
  }
  const running = `running for ${duration(Date.now() / 1000 - job.started_at)}`;
  const rate = progress?.requests_per_second ?? 0;
  const left = job.total_requests - job.completed_requests;
  return job.status === "RUNNING" && rate > 0 && left > 0
    ? `${running}, about ${duration(left / rate)} left`
    : running;
}

function figures(job, progress) {
  const pairs = [
    ["Succeeded", count(job.succeeded_requests)],
    ["Failed", count(job.failed_requests)],
  ];
  if (progress === null) {
    return pairs;
  }
  if (isActive(job)) {
    pairs.push(
      ["In flight", count(progress.in_flight)],
      ["Requests/s", amount(progress.requests_per_second)],
    );
  }
  pairs.push(
    ["Tokens in", count(progress.prompt_tokens)],
    ["Tokens out", count(progress.completion_tokens)],
    ["Cost", cost(progress.cost, progress.currency)],
  );
  return pairs;
}

function fields(job) {
  const metadata = Object.entries(job.metadata ?? {});
  return [
    ["Id", job.id],
    ["Status", statusName(job.status)],
    ["Endpoint", job.endpoint],
    ["Model", job.model || NONE],
    ["Agent", job.agent_id || NONE],
    ["Created", time(job.created_at)],
    ["Started", time(job.started_at)],
    ["Ended", time(job.completed_at)],
    ["Requests", count(job.total_requests)],
    ["Metadata", metadata.length > 0 ? metadata : NONE],
  ];
}

/** Makes the list say these pairs; a value is a text or a job's metadata. */
function setPairs(list, pairs) {
  const described = JSON.stringify(pairs);
  if (list.dataset.described === described) {
    return;
  }
  list.dataset.described = described;
  list.replaceChildren(
    ...pairs.map(([name, value]) => {
      const shown =
        typeof value === "string"
          ? element("dd", { text: value })
          : element(
              "dd",
              { class: "pair-labels" },
              ...value.map(([key, content]) => metadataLink(key, content)),
            );
      return element("div", {}, element("dt", { text: name }), shown);
    }),
  );
}

function showErrors(root, errors) {
  part(root, "errors-section").hidden = errors.length === 0;
  const rows = groupErrors(errors).map((group) => {
    const places = linesWords(group.lines);
    return element(
      "tr",
      {},
      element(
        "td",
        { class: "message" },
        element("span", { text: group.message }),
        ...(places === "" ? [] : [" ", element("span", { class: "muted", text: `(${places})` })]),
      ),
      element("td", { class: "number", text: count(group.count) }),
    );
  });
  part(root, "errors").replaceChildren(...rows);
}

/** The job's files by what they are; names and sizes come once the service has told them. */
function fileList(list, problem, signal) {
  const rows = new Map();
  const row = (kind, id) => {
    const name = element("span", { class: "name", text: id });
    const about = element("span", { class: "muted", text: kind });
    const button = element("button", {
      type: "button",
      text: "Download",
      "aria-label": `Download ${kind.toLowerCase()} ${id}`,
    });
    let file = { id, filename: `${id}.jsonl` };
    let gone = () => {};
    let named = () => {};
    get(`v1/files/${encodeURIComponent(id)}`, {}, signal).then(
      (told) => {
        file = told;
        setText(name, told.filename);
        const lines = typeof told.num_lines === "number" ? `, ${count(told.num_lines)} lines` : "";
        setText(about, `${kind}${lines}, ${bytes(told.bytes)}`);
        named(told.filename);
      },
      (error) => {
        if (error.status === 404) {
          setText(about, `${kind}, deleted`);
          gone();
        } else if (!signal.aborted) {
          problem(error.message);
        }
      },
    );
    button.addEventListener("click", async () => {
      try {
        problem("");
        await download(file);
      } catch (error) {
        problem(error.message);
      }
    });
    const shown = element("div", { class: "preview-place", hidden: true });
    const preview = element("button", {
      type: "button",
      class: "quiet",
      text: "Preview",
      "aria-label": `Preview ${kind.toLowerCase()} ${id}`,
      "aria-expanded": "false",
    });
    preview.addEventListener("click", async () => {
      const open = shown.hidden;
      try {
        problem("");
        if (open) {
          shown.replaceChildren(await previewOf(file, signal));
        }
        shown.hidden = !open;
        preview.setAttribute("aria-expanded", String(open));
        setText(preview, open ? "Hide preview" : "Preview");
      } catch (error) {
        if (!signal.aborted) {
          problem(error.message);
        }
      }
    });
    gone = () => {
      button.hidden = true;
      preview.hidden = true;
    };
    named = (filename) => {
      button.setAttribute("aria-label", `Download ${kind.toLowerCase()} ${filename}`);
      preview.setAttribute("aria-label", `Preview ${kind.toLowerCase()} ${filename}`);
    };
    return element("li", {}, element("div", {}, name, about), preview, button, shown);
  };

  return (job) => {
    const wanted = [
      ["Output", job.output_file],
      ["Errors", job.error_file],
      ...job.input_files.map((id) => ["Input", id]),
    ].filter(([, id]) => Boolean(id));
    for (const [kind, id] of wanted) {
      if (!rows.has(id)) {
        rows.set(id, row(kind, id));
      }
    }
    const nodes = wanted.map(([, id]) => rows.get(id));
    setChildren(
      list,
      nodes.length > 0
        ? nodes
        : [element("li", { class: "muted", text: "This job's requests came without a file." })],
    );
  };
}

/** Tells progress aloud in steps, and the end. */
function progressTeller() {
  let told = null;
  let wasActive = false;
  return (job) => {
    const active = isActive(job);
    const step = Math.floor(percentDone(job) / ANNOUNCED_STEP) * ANNOUNCED_STEP;
    if (wasActive && !active) {
      announce(`The job has ended: ${statusName(job.status)}.`);
    } else if (active && told !== null && step > told) {
      announce(`${step} percent of the requests are done.`);
    }
    told = step;
    wasActive = active;
  };
}
