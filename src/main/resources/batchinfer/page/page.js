import { onRefused } from "./api.js";
import { copyOf, part, setText } from "./dom.js";
import { showFiles } from "./files-view.js";
import { showJob } from "./job-view.js";
import { showJobs } from "./jobs-view.js";
import { showNew } from "./new-view.js";
import { forget, key, keyId } from "./session.js";
import { showSignIn } from "./sign-in-view.js";

const main = document.getElementById("main");
let shown = new AbortController();

/** Shows what the address names, or the way in; stops what the view before has under way. */
function show({ said = "", moveFocus = true } = {}) {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  main.replaceChildren();
  const signedIn = key() !== null;
  for (const node of document.querySelectorAll("[data-signed-in]")) {
    node.hidden = !signedIn;
  }
  setText(part(document, "key-id"), signedIn ? keyId(key()) : "");
  const { path, query } = address();
  markCurrent(path);
  if (signedIn) {
    showView(path, { query, signal });
  } else {
    showSignIn(main, { said, signal, signedIn: show });
  }
  const heading = main.querySelector("h1");
  document.title = `${heading.textContent} · batchinfer`;
  window.scrollTo(0, 0);
  if (!signedIn) {
    main.querySelector("input").focus();
  } else if (moveFocus) {
    heading.focus();
  }
}

function showView(path, context) {
  const job = /^\/jobs\/([^/]+)$/.exec(path);
  if (job) {
    showJob(main, { ...context, id: decoded(job[1]) });
  } else if (path === "/jobs" || path === "/") {
    showJobs(main, context);
  } else if (path === "/files") {
    showFiles(main, context);
  } else if (path === "/new") {
    showNew(main, context);
  } else {
    main.append(copyOf("unknown-view"));
  }
}

function address() {
  const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
  return { path: path || "/", query: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an address this page makes; as it stands it will not be found.
    return text;
  }
}

function markCurrent(path) {
  for (const link of document.querySelectorAll(".top nav a")) {
    const target = link.getAttribute("href").slice(1);
    if (path === target || path.startsWith(`${target}/`) || (path === "/" && target === "/jobs")) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

onRefused(() => {
  forget();
  show({ said: "The service does not accept this key any more. Sign in again." });
});
part(document, "sign-out").addEventListener("click", () => {
  forget();
  show();
});
// The address belongs to the views, so this link must not change it.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", () => show());
show({ moveFocus: false });
