import { part, setText } from "./dom.js";

/** Asks in a dialog; resolves to whether the answer was yes. Escape is no. */
export function ask({ title, text, yes, no }) {
  const dialog = part(document, "question");
  setText(dialog.querySelector("h2"), title);
  setText(dialog.querySelector("p"), text);
  setText(part(dialog, "yes"), yes);
  setText(part(dialog, "no"), no);
  return new Promise((resolve) => {
    const asked = new AbortController();
    const { signal } = asked;
    let answer = false;
    part(dialog, "yes").addEventListener(
      "click",
      () => {
        answer = true;
        dialog.close();
      },
      { signal },
    );
    part(dialog, "no").addEventListener("click", () => dialog.close(), { signal });
    // Another view behind an open question would make it ask about something else.
    window.addEventListener("hashchange", () => dialog.close(), { signal });
    dialog.addEventListener(
      "close",
      () => {
        asked.abort();
        resolve(answer);
      },
      { signal },
    );
    dialog.showModal();
  });
}
