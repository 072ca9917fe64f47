import { check } from "./api.js";
import { copyOf, part, setNotice } from "./dom.js";
import { isWellFormed, keep } from "./session.js";

const NOT_ACCEPTED = "The service does not accept this key. It may be mistyped or revoked.";

/** Asks for a key, saying why if there is a reason; `signedIn` is called once one is accepted. */
export function showSignIn(root, { said, signedIn, signal }) {
  root.append(copyOf("sign-in-view"));
  const field = root.querySelector("input");
  const submit = part(root, "submit");
  const problem = (text) => {
    setNotice(part(root, "problem"), text);
    field.toggleAttribute("aria-invalid", text !== "");
  };
  problem(said);

  part(root, "form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const candidate = field.value.trim();
    problem("");
    if (!isWellFormed(candidate)) {
      problem(
        candidate === ""
          ? "Enter a key."
          : "A key has no spaces and no letters beyond ASCII. Check what was pasted.",
      );
      field.focus();
      return;
    }
    submit.disabled = true;
    try {
      await check(candidate);
      if (!signal.aborted) {
        keep(candidate);
        signedIn();
      }
    } catch (error) {
      problem(error.status === 401 ? NOT_ACCEPTED : error.message);
      field.focus();
      field.select();
    } finally {
      submit.disabled = false;
    }
  });
}
