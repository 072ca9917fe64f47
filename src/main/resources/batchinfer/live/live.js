"use strict";
// Shows how far the run is, and its report anew every few seconds, where its reader had got to.
const LINE_MILLIS = 1000;
const REPORT_MILLIS = 5000;
const line = document.getElementById("now");
const button = document.getElementById("cancel");
const frame = document.getElementById("report");
let ending = false;
let over = false;

function details() {
  const inside = frame.contentDocument;
  return inside ? Array.from(inside.querySelectorAll("details")) : [];
}

function reload() {
  if (over || document.hidden) {
    return;
  }
  const top = frame.contentWindow.scrollY;
  const open = details().map((part) => part.open);
  frame.addEventListener(
    "load",
    () => {
      details().forEach((part, i) => {
        part.open = open[i] === true;
      });
      frame.contentWindow.scrollTo(0, top);
    },
    { once: true },
  );
  frame.contentWindow.location.reload();
}

async function look() {
  try {
    const answer = await fetch("now", { cache: "no-store" });
    const words = await answer.text();
    line.textContent = ending ? "Ending, waiting for requests under way. " + words : words;
  } catch {
    over = true;
    button.disabled = true;
    line.textContent =
      "The run is over, or its driver does not answer. How it ended stands in its terminal, and in report.html in its output folder.";
    return;
  }
  setTimeout(look, LINE_MILLIS);
}

button.addEventListener("click", async () => {
  if (!window.confirm("End the run? What is answered is saved, and the same command goes on.")) {
    return;
  }
  button.disabled = true;
  try {
    const answer = await fetch("cancel", { method: "POST" });
    ending = answer.ok;
    button.disabled = answer.ok;
  } catch {
    button.disabled = false;
  }
});

setInterval(reload, REPORT_MILLIS);
look();
