import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBrowser } from "../chromium.mjs";
import { visit } from "./visit.mjs";

// The picture of the documentation. It is taken by every run, so that it still can be; with PICTURES, which names a
// folder, it is kept.
const MOST_BYTES = 150_000;
const AROUND = 16;
const WIDTH = 1000;

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("what to do next time, the rate, and what bounded it", () =>
  visit(browser, { viewport: { width: WIDTH, height: 900 }, colorScheme: "light" }, async (page) => {
    const top = (await page.locator("#findings").boundingBox()).y - AROUND;
    const last = await page.locator("#held").boundingBox();
    const picture = await page.screenshot({
      animations: "disabled",
      fullPage: true,
      clip: { x: 0, y: top, width: WIDTH, height: last.y + last.height + AROUND - top },
    });
    assert.ok(picture.length < MOST_BYTES, `${picture.length} bytes`);
    if (process.env.PICTURES) {
      await writeFile(join(process.env.PICTURES, "report.png"), picture);
    }
  }));
