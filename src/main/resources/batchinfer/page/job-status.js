import { element, setText } from "./dom.js";
import { count } from "./format.js";

export const ACTIVE = ["QUEUED", "RUNNING", "CANCELLATION_REQUESTED"];

const NAMES = {
  QUEUED: "Queued",
  RUNNING: "Running",
  SUCCESS: "Succeeded",
  FAILED: "Failed",
  TIMEOUT_EXCEEDED: "Timed out",
  CANCELLATION_REQUESTED: "Cancelling",
  CANCELLED: "Cancelled",
};
const TONES = { RUNNING: "going", SUCCESS: "good", FAILED: "bad", TIMEOUT_EXCEEDED: "bad" };

export const STATUSES = Object.keys(NAMES);

export function statusName(status) {
  return NAMES[status] ?? status;
}

export function isActive(job) {
  return ACTIVE.includes(job.status);
}

export function setStatus(badge, status) {
  badge.className = `badge ${TONES[status] ?? "still"}`;
  setText(badge, statusName(status));
}

/** A bar with what succeeded and what failed, and the same in words below it. */
export function progressBar(label) {
  const succeeded = element("span", { class: "succeeded" });
  const failed = element("span", { class: "failed" });
  const bar = element(
    "div",
    {
      class: "bar",
      role: "progressbar",
      "aria-label": label,
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    succeeded,
    failed,
  );
  const words = element("p", { class: "bar-words" });
  return { node: element("div", {}, bar, words), bar, succeeded, failed, words };
}

export function setProgress(shown, job) {
  const total = job.total_requests;
  const share = (part) => (total > 0 ? Math.min(1, part / total) : 0);
  // Through the object model: a style attribute would need a looser content security policy.
  shown.succeeded.style.width = `${share(job.succeeded_requests) * 100}%`;
  shown.failed.style.width = `${share(job.failed_requests) * 100}%`;
  const words = progressWords(job);
  shown.bar.setAttribute("aria-valuenow", percentDone(job));
  shown.bar.setAttribute("aria-valuetext", words);
  setText(shown.words, words);
}

/** Rounded down: 100 means all. */
export function percentDone(job) {
  return job.total_requests > 0
    ? Math.floor((100 * job.completed_requests) / job.total_requests)
    : 0;
}

function progressWords(job) {
  const done = `${count(job.completed_requests)} of ${count(job.total_requests)} requests`;
  return job.failed_requests > 0 ? `${done}, ${count(job.failed_requests)} failed` : done;
}
