import { part, setText } from "./dom.js";

/** Ends the question before with no, where it has no answer yet. */
let drop = () => {};

/** Asks in a dialog; resolves to whether the answer was yes. Escape is no. */
export function ask({ title, text, yes, no }) {
  drop();
  const dialog = part(document, "question");
  setText(dialog.querySelector("h2"), title);
  setText(dialog.querySelector("p"), text);
  setText(part(dialog, "yes"), yes);
  setText(part(dialog, "no"), no);
  return new Promise((resolve) => {
    const asked = new AbortController();
    const { signal } = asked;
    const settle = (answer) => {
      if (!signal.aborted) {
        asked.abort();
        dialog.close();
        resolve(answer);
      }
    };
    drop = () => settle(false);
    part(dialog, "yes").addEventListener("click", () => settle(true), { signal });
    part(dialog, "no").addEventListener("click", drop, { signal });
    // Another view behind an open question would make it ask about something else.
    window.addEventListener("hashchange", drop, { signal });
    dialog.addEventListener("cancel", drop, { signal });
    // Told some time after it happened, when the next question may be open already.
    dialog.addEventListener("close", () => dialog.open || settle(false), { signal });
    dialog.showModal();
  });
}
