import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers } from "../accessibility.mjs";
import { freshProfile, startBrowser } from "../chromium.mjs";

const ADDRESS = process.env.LIVE_PAGE;
assert.ok(ADDRESS, "LIVE_PAGE is not set to the address of a run's page.");

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("a run can be followed and ended in its page", async () => {
  const context = await freshProfile(browser, { viewport: { width: 1200, height: 900 } });
  const foreign = [];
  const complaints = [];
  const page = await context.newPage();
  page.on("request", (request) => request.url().startsWith(ADDRESS) || foreign.push(request.url()));
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  page.on("dialog", (dialog) => dialog.accept());
  await page.addInitScript(() => {
    window.addEventListener("securitypolicyviolation", (event) =>
      console.error(`Policy violated: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(ADDRESS);

  // The line moves by itself.
  const line = page.locator("#now");
  await line.getByText(/^\d+ rows$/).waitFor();
  const first = await line.textContent();
  await page.waitForFunction(
    (before) => document.getElementById("now").textContent !== before,
    first,
  );

  // So does the report, which keeps what its reader has opened.
  const report = page.frameLocator("#report");
  await report.getByText("What bounded the rate").waitFor();
  const opened = report.locator("details").first();
  await opened.evaluate((details) => (details.open = true));
  await page.waitForResponse((response) => response.url() === `${ADDRESS}report`);
  await report.locator("details[open]").first().waitFor();

  assert.deepEqual(await barriers(page), []);

  await page.getByRole("button", { name: "Cancel the run" }).click();
  await line.getByText(/^Ending, .* cancelled$/).waitFor();
  assert.equal(await page.locator("#cancel").isDisabled(), true);
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints, []);
  await context.close();
});
