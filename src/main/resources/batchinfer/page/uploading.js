import { upload } from "./api.js";
import { announce, copyOf, element, part, setText } from "./dom.js";
import { bytes } from "./format.js";

/** Puts a place for uploads into `place`; `uploaded` gets each file's object once it is stored. */
export function offerUploads(place, uploaded, signal) {
  place.replaceChildren(copyOf("upload-part"));
  const drop = part(place, "drop");
  const input = part(place, "input");
  const list = part(place, "uploads");
  let last = Promise.resolve();

  // One after the other: side by side they would only share the same line.
  const add = (files) => {
    for (const file of files) {
      const row = uploadRow(file);
      list.append(row.node);
      last = last.then(() => send(file, row, uploaded, signal));
    }
  };

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", (event) => {
    if (!drop.contains(event.relatedTarget)) {
      drop.classList.remove("over");
    }
  });
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
  // A file dropped beside the place would replace the page.
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => event.preventDefault(), { signal });
  }
}

function uploadRow(file) {
  const bar = element("progress", { max: 100, value: 0, "aria-label": `Upload of ${file.name}` });
  const state = element("span", { class: "muted", text: `waiting, ${bytes(file.size)}` });
  const stopped = new AbortController();
  const stop = element("button", {
    type: "button",
    class: "quiet",
    text: "Stop",
    "aria-label": `Stop the upload of ${file.name}`,
  });
  stop.addEventListener("click", () => stopped.abort());
  const name = element("span", { class: "name", text: file.name });
  return {
    node: element("li", {}, name, state, bar, stop),
    bar,
    state,
    stop,
    stopped: stopped.signal,
  };
}

async function send(file, row, uploaded, signal) {
  let announced = 0;
  const progressed = (sent, total) => {
    const percent = total > 0 ? Math.floor((100 * sent) / total) : 0;
    row.bar.value = percent;
    setText(row.state, percent < 100 ? `${percent} % of ${bytes(file.size)}` : "being stored");
    if (percent >= announced + 25) {
      announced = percent;
      announce(`Upload of ${file.name}: ${percent} percent`);
    }
  };
  try {
    const either = AbortSignal.any([row.stopped, signal]);
    either.throwIfAborted();
    const stored = await upload(file, progressed, either);
    setText(row.state, `uploaded, ${bytes(file.size)}`);
    row.node.classList.add("done");
    announce(`${file.name} is uploaded.`);
    uploaded(stored);
  } catch (error) {
    const text = error.name === "AbortError" ? "stopped" : error.message;
    setText(row.state, text);
    row.node.classList.add("failed");
    announce(`Upload of ${file.name}: ${text}`);
  }
  row.bar.remove();
  row.stop.remove();
}
