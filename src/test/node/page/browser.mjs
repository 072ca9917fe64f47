import assert from "node:assert/strict";
import { freshProfile } from "../chromium.mjs";

export const SERVICE = required("BATCHINFER_URL").replace(/\/$/, "");
export const KEY = required("BATCHINFER_KEY");
/** Long enough for a job of a few hundred simulated requests on a busy machine. */
export const A_JOB_MS = 300_000;

function required(name) {
  const value = process.env[name];
  assert.ok(
    value,
    `${name} is not set. Start "serve --simulate" and name its address and a key of it.`,
  );
  return value;
}

/**
 * Opens the page in a fresh profile, does `steps` and then demands that the browser had nothing to
 * complain about: no violated policy, no console error but the expected ones, no lost exception.
 */
export async function visit(
  browser,
  { expected = [], signedIn = true, address = "", before, ...settings },
  steps,
) {
  const viewport = { width: 1200, height: 900 };
  const context = await freshProfile(browser, { viewport, ...settings });
  const complaints = [];
  const complain = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) {
      complaints.push(text);
    }
  };
  try {
    // Also of what the page opens.
    context.on("console", (message) => message.type() === "error" && complain(message.text()));
    context.on("weberror", (error) => complain(String(error.error().stack)));
    context.on("dialog", (dialog) => {
      complain(`A script opened a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    await context.addInitScript(() => {
      window.addEventListener("securitypolicyviolation", (event) =>
        console.error(`Policy violated: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    const page = await context.newPage();
    await before?.(page);
    await page.goto(`${SERVICE}/${address}`);
    if (signedIn) {
      await signIn(page);
    }
    await steps(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

export async function signIn(page, key = KEY) {
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

export async function open(page, hash) {
  await page.evaluate((target) => {
    location.hash = target;
  }, hash);
}

/** Calls the service as a program would, to prepare what the page is to show. */
export async function call(method, path, body) {
  const response = await fetch(`${SERVICE}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${KEY}`,
      ...(body && !(body instanceof FormData) ? { "Content-Type": "application/json" } : {}),
    },
    body: body && !(body instanceof FormData) ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

export function upload(name, text) {
  const form = new FormData();
  form.append("purpose", "batch");
  form.append("file", new Blob([text]), name);
  return call("POST", "/v1/files", form);
}

export async function createJob(text, settings) {
  const file = await upload("prepared.jsonl", text);
  return call("POST", "/v1/batch/jobs", {
    input_files: [file.id],
    endpoint: "/v1/chat/completions",
    model: "mistral-small-latest",
    ...settings,
  });
}

/** Requests with ids `prefix`-0 and on; `says` gives the text of each. */
export function requests(prefix, count, says) {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      custom_id: `${prefix}-${index}`,
      body: {
        messages: [{ role: "user", content: `${says(index)} question ${index} of ${prefix}` }],
        max_tokens: 20,
      },
    }),
  )
    .join("\n")
    .concat("\n");
}
