import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barriers } from "../accessibility.mjs";
import { freshProfile, startBrowser } from "../chromium.mjs";
import { serve } from "./server.mjs";

const FOLDER = process.env.SITE;
assert.ok(FOLDER && existsSync(FOLDER), "SITE is not set to the folder of the made site.");
const PAGES = readdirSync(FOLDER, { recursive: true })
  .filter((file) => file.endsWith(".html") && !file.startsWith("files/"))
  .sort();
const A_PHONE = { width: 360, height: 740 };

let browser;
let site;
before(async () => {
  site = await serve(FOLDER);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Opens a page and waits until it hears keys and clicks: the server's markup is there, and loaded, before it does. */
async function open(page, name) {
  await page.goto(`${site.url}/${name}`);
  await page.waitForFunction(() => document.querySelector("#app").__vue_app__ !== undefined);
}

/** Opens a part of a page, again where a browser with much to do lost the key or the click, as its reader would. */
async function opened(part, open) {
  for (let tries = 0; tries < 5 && !(await part.isVisible()); tries++) {
    await open();
    await part.waitFor({ timeout: 5_000 }).catch(() => {});
  }
  assert.ok(await part.isVisible(), `${part} did not open`);
}

/** Opens pages in a fresh profile; afterwards nothing may have been asked of another host, nor gone wrong. */
async function visit(settings, steps) {
  const context = await freshProfile(browser, { viewport: { width: 1280, height: 900 }, ...settings });
  const complaints = [];
  try {
    const page = await context.newPage();
    page.on("request", (request) => {
      if (!request.url().startsWith(site.url) && !request.url().startsWith("data:")) {
        complaints.push(`asked for ${request.url()}`);
      }
    });
    page.on("response", (response) => {
      if (response.status() >= 400) {
        complaints.push(`${response.status()} for ${response.url()}`);
      }
    });
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error.stack)));
    await steps(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

test("every link leads to a page or file of the site, and to a heading of it", () =>
  visit({}, async (page) => {
    const links = [];
    const anchors = new Map();
    for (const name of PAGES) {
      const { ids, targets } = await page.evaluate(
        (text) => {
          const made = new DOMParser().parseFromString(text, "text/html");
          return {
            ids: [...made.querySelectorAll("[id]")].map(({ id }) => id),
            targets: [...made.querySelectorAll("a[href], link[href], script[src], img[src]")].map(
              (one) => one.getAttribute("href") ?? one.getAttribute("src"),
            ),
          };
        },
        await readFile(join(FOLDER, name), "utf8"),
      );
      anchors.set(`/${name}`, new Set(ids));
      links.push(...targets.map((target) => [name, new URL(target, `${site.url}/${name}`)]));
    }
    assert.ok(links.length > 20 * PAGES.length, `only ${links.length} links`);
    const dead = links.filter(([, link]) => {
      if (link.origin !== site.url) {
        return false;
      }
      const path = link.pathname === "/" ? "/index.html" : decodeURIComponent(link.pathname);
      const anchor = decodeURIComponent(link.hash.slice(1));
      return !(anchor ? anchors.get(path)?.has(anchor) : existsSync(join(FOLDER, path)));
    });
    assert.deepEqual(
      dead.map(([name, link]) => `${name}: ${link.pathname}${link.hash}`),
      [],
    );
  }));

test("every page can be reached by the navigation", () =>
  visit({}, async (page) => {
    await page.goto(`${site.url}/`);
    const reached = await page
      .locator("#VPSidebarNav a[href]")
      .evaluateAll((all) =>
        all
          .map((one) => new URL(one.href))
          .filter(({ hash }) => hash === "")
          .map(({ pathname }) => pathname.slice(1)),
      );
    const own = PAGES.filter((name) => !["404.html", "index.html"].includes(name));
    assert.deepEqual(reached.sort(), own);
  }));

test("the search finds a page by a word of it and leads to the place", () =>
  visit({}, async (page) => {
    await open(page, "decisions/005-sha256-cut.html");
    const box = page.getByRole("searchbox");
    await opened(box, () => page.keyboard.press("Control+k"));
    await box.fill("retry-ambiguous");
    const first = page.getByRole("listbox").getByRole("option").first();
    await first.locator("mark").first().waitFor();
    await page.keyboard.press("Enter");
    await box.waitFor({ state: "detached" });
    await page.waitForFunction(() => document.querySelector("main").innerText.includes("--retry-ambiguous"));
  }));

test("on a phone no page is wider than the screen, and the accessibility checker finds nothing in it", () =>
  visit({ viewport: A_PHONE }, async (page) => {
    const found = [];
    for (const name of PAGES) {
      await page.goto(`${site.url}/${name}`);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > A_PHONE.width) {
        found.push(`${name}: ${width} pixels`);
      }
      // Colours take most of the time, and are the same on every page.
      const inText = await barriers(page, { within: "main", without: ["color-contrast"] });
      found.push(...inText.map((barrier) => `${name}: ${barrier}`));
    }
    assert.deepEqual(found, []);
  }));

test("on a phone the navigation opens, leads to a page and closes", () =>
  visit({ viewport: A_PHONE }, async (page) => {
    await open(page, "");
    await opened(page.locator(".VPSidebar.open"), () => page.getByRole("button", { name: "Menu" }).click());
    await page.locator("#VPSidebarNav").getByRole("link", { name: "Tuning" }).click();
    await page.getByRole("heading", { level: 1, name: "Tuning" }).waitFor();
    // Moved out of sight, where it is still laid out.
    await page.locator(".VPSidebar:not(.open)").waitFor();
  }));

for (const colorScheme of ["light", "dark"]) {
  test(`the accessibility checker finds nothing in a whole page in ${colorScheme}`, () =>
    visit({ colorScheme }, async (page) => {
      for (const name of ["404.html", "index.html", "getting-started.html", "service.html"]) {
        await page.goto(`${site.url}/${name}`);
        assert.deepEqual(await barriers(page), [], name);
      }
    }));
}
