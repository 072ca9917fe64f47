import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { freshProfile } from "../chromium.mjs";

export const FILE = process.env.REPORT;
assert.ok(FILE && existsSync(FILE), "REPORT is not set to the file of a written report.");
const URL_OF_FILE = pathToFileURL(FILE).href;

/**
 * Opens the report as a file in a fresh profile and does `steps` with it and the milliseconds that this took. Afterwards
 * the browser may have asked for nothing but the file, and have had nothing to complain about.
 */
export async function visit(browser, settings, steps) {
  const context = await freshProfile(browser, { locale: "en-GB", timezoneId: "UTC", ...settings });
  const asked = [];
  const complaints = [];
  try {
    const page = await context.newPage();
    page.on("request", (request) => request.url().startsWith("data:") || asked.push(request.url()));
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    page.on("dialog", (dialog) => {
      complaints.push(`A script opened a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    await page.addInitScript(() => {
      window.addEventListener("securitypolicyviolation", (event) =>
        console.error(`Policy violated: ${event.violatedDirective} ${event.blockedURI}`),
      );
    });
    const start = performance.now();
    await page.goto(URL_OF_FILE);
    await steps(page, Math.round(performance.now() - start));
    assert.deepEqual(complaints, []);
    assert.deepEqual(asked, [URL_OF_FILE]);
  } finally {
    await context.close();
  }
}
