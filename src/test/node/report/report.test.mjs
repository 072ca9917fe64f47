import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { after, before, test } from "node:test";
import { barriers } from "../accessibility.mjs";
import { startBrowser } from "../chromium.mjs";
import { FILE, visit } from "./visit.mjs";

const MOST_BYTES = 1_000_000;
const A_DESK = { width: 1200, height: 900 };
const A_PHONE = { width: 390, height: 844 };
const SCREENS = {
  "a light screen": { viewport: A_DESK, colorScheme: "light" },
  "a dark screen": { viewport: A_DESK, colorScheme: "dark" },
  "a phone": { viewport: A_PHONE, colorScheme: "light" },
};

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("the report of a million rows has less than a megabyte", async (t) => {
  const { size } = await stat(FILE);
  t.diagnostic(`figure: ${size} bytes`);
  assert.ok(size < MOST_BYTES, `${size} bytes`);
});

for (const [name, settings] of Object.entries(SCREENS)) {
  test(`the report can be read by everyone on ${name}`, (t) =>
    visit(browser, settings, async (page, milliseconds) => {
      t.diagnostic(`figure: opened on ${name} in ${milliseconds} ms`);
      await fits(page, settings);

      const tables = await page.evaluate(() => {
        const all = [...document.querySelectorAll("details")];
        all.forEach((one) => (one.open = true));
        return all.length;
      });
      assert.ok(tables > 5, `${tables} tables`);
      await fits(page, settings);
      assert.deepEqual(await barriers(page), []);
    }));
}

test("pointing at a chart over time shows the values of that moment", () =>
  visit(browser, { viewport: A_DESK }, async (page) => {
    const chart = page.locator("#rate svg.plot");
    const tip = page.locator("#rate .tip");
    assert.equal(await tip.isVisible(), false);

    await chart.hover();
    assert.match(await tip.textContent(), /\d/);
    assert.equal(await tip.isVisible(), true);

    await page.mouse.move(0, 0);
    await tip.waitFor({ state: "hidden" });
  }));

test("all sections can be read without scripts", () =>
  visit(browser, { viewport: A_DESK, javaScriptEnabled: false }, async (page) => {
    const links = page.locator("nav a");
    assert.ok((await links.count()) >= 9, `${await links.count()} sections`);
    for (const link of await links.all()) {
      const section = page.locator(await link.getAttribute("href"));
      await section.getByRole("heading", { name: await link.textContent(), level: 2 }).waitFor();
      assert.ok((await section.innerText()).length > 60, await link.textContent());
    }
  }));

/** Nothing has to be scrolled to the side. */
async function fits(page, { viewport }) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= viewport.width, `${width} pixels wide on ${viewport.width}`);
}
