import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { barriers } from "../accessibility.mjs";
import { startBrowser } from "../chromium.mjs";
import {
  A_JOB_MS,
  KEY,
  SERVICE,
  call,
  createJob,
  open,
  requests,
  signIn,
  upload,
  visit,
} from "./browser.mjs";
import { weakTexts } from "./contrast.mjs";

const HOSTILE = "<img src=x onerror=alert(1)>";
const MARKUP = "<img src onerror><script>alert(1)<";
const REFUSED_ONCE = [/status of 401/];
// Tells this run's jobs from those of others on the same service.
const RUN = randomBytes(4).toString("hex");
console.log(`This run's metadata: run=${RUN}`);

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

describe("signing in", () => {
  test("a wrong key is refused in words, the right one opens the jobs, signing out forgets", () =>
    visit(browser, { signedIn: false, expected: REFUSED_ONCE }, async (page) => {
      await page.getByLabel("API key").fill("bi_00000000_wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").filter({ hasText: "does not accept this key" }).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);

      await page.getByLabel("API key").fill("kéy");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").filter({ hasText: "beyond ASCII" }).waitFor();

      await signIn(page);
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      const kept = await page.evaluate(() => ({
        session: Object.values(sessionStorage),
        local: localStorage.length,
        cookies: document.cookie,
        address: location.href,
        text: document.body.innerText,
      }));
      assert.deepEqual(kept.session, [KEY]);
      assert.equal(kept.local, 0);
      assert.equal(kept.cookies, "");
      assert.ok(!kept.address.includes(KEY) && !kept.text.includes(KEY));
      await page.reload();
      await page.getByRole("heading", { name: "Jobs" }).waitFor();

      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("API key").waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      assert.equal(await page.getByRole("navigation", { name: "Main" }).count(), 0);
    }));

  test("a key revoked in the middle leads back to signing in, and there on to the same place", () =>
    visit(browser, { address: "#/files", expected: REFUSED_ONCE }, async (page) => {
      await page.getByRole("heading", { name: "Files" }).waitFor();
      await page.route(
        "**/v1/batch/jobs?*",
        (route) => route.fulfill({ status: 401, json: { message: "Revoked." } }),
        {
          times: 1,
        },
      );
      await page.getByRole("link", { name: "Jobs", exact: true }).click();
      await page.getByRole("alert").filter({ hasText: "any more" }).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      await signIn(page);
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
    }));
});

test("the page is served with a policy that allows nothing inline", async () => {
  const response = await fetch(`${SERVICE}/`);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /style-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
});

describe("uploads", () => {
  test("by button and by drop, with hostile names shown as text, and deleted again", () =>
    visit(browser, { address: "#/files" }, async (page) => {
      const content = requests("upload", 3, () => "");
      const names = [`${RUN} ${MARKUP}.jsonl`, `${RUN}-dropped.jsonl`];
      await page
        .getByLabel("Choose files")
        .setInputFiles([
          { name: names[0], mimeType: "application/jsonl", buffer: Buffer.from(content) },
        ]);
      await page.getByRole("list", { name: "Uploads" }).getByText("uploaded, ").waitFor();
      const transfer = await page.evaluateHandle(
        ([text, name]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name));
          return data;
        },
        [content, names[1]],
      );
      await page.dispatchEvent("[data-drop]", "drop", { dataTransfer: transfer });

      for (const name of names) {
        const row = page
          .getByRole("list", { name: "Files" })
          .getByRole("listitem")
          .filter({ hasText: name });
        await row.waitFor();
        assert.match(await row.innerText(), /Requests · 3 lines · \d+ bytes/);
        await row.getByRole("button", { name: `Delete ${name}` }).click();
        await page
          .getByRole("dialog", { name: "Delete this file?" })
          .getByRole("button", { name: "Delete file" })
          .click();
        await row.waitFor({ state: "detached" });
      }
      assert.equal(await page.locator("img").count(), 0);
    }));

  test("tells how much is sent, and can be stopped", () =>
    visit(browser, { address: "#/files" }, async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: 500_000,
      });
      const name = `${RUN}-large.jsonl`;
      await page
        .getByLabel("Choose files")
        .setInputFiles([{ name, mimeType: "", buffer: Buffer.alloc(20_000_000, " \n") }]);
      const bar = page.getByRole("progressbar", { name: `Upload of ${name}` });
      await bar.waitFor();
      await page.waitForFunction(() => document.querySelector(".uploads progress")?.value > 0);
      assert.match(await page.getByRole("list", { name: "Uploads" }).innerText(), /\d+ % of 20 MB/);
      await page.getByRole("button", { name: `Stop the upload of ${name}` }).click();
      await page.getByRole("list", { name: "Uploads" }).getByText("stopped").waitFor();
      assert.equal(await bar.count(), 0);
    }));

  test("a file that the list names before its upload is answered is chosen all the same", () =>
    visit(browser, { address: "#/files" }, async (page) => {
      const stored = signal();
      const seen = signal();
      await page.route("**/v1/files", async (route) => {
        const response = await route.fetch();
        stored.give();
        await seen.given;
        await route.fulfill({ response });
      });
      await page.route("**/v1/files?*", async (route) => {
        await stored.given;
        await route.continue();
      });
      await open(page, "#/new");
      const name = `${RUN}-early.jsonl`;
      await page
        .getByLabel("Choose files")
        .setInputFiles([{ name, mimeType: "", buffer: Buffer.from(requests("e", 1, () => "")) }]);
      const box = page.getByRole("checkbox", { name });
      await box.waitFor();
      assert.equal(await box.isChecked(), false);
      seen.give();
      await page.getByRole("list", { name: "Uploads" }).getByText("uploaded, ").waitFor();
      await box.and(page.locator(":checked")).waitFor();
    }));

  test("an upload that is refused says why", () =>
    visit(browser, { address: "#/files", expected: [/status of 413/] }, async (page) => {
      await page.route("**/v1/files", (route) =>
        route.request().method() === "POST"
          ? route.fulfill({ status: 413, json: { message: "The file is larger than 512 MB." } })
          : route.fallback(),
      );
      await page
        .getByLabel("Choose files")
        .setInputFiles([{ name: "a.jsonl", mimeType: "", buffer: Buffer.from("{}\n") }]);
      await page.getByRole("list", { name: "Uploads" }).getByText("larger than 512 MB").waitFor();
    }));
});

describe("a job", () => {
  test("from two files to its results, with live progress, charts, errors and downloads", () =>
    visit(browser, { address: "#/new" }, async (page) => {
      const answered = requests(`good-${RUN}`, 600, () => "[[latency:800ms]]");
      const refused = requests(`bad-${RUN}`, 7, () => "[[fault:http_400]]");
      await page.getByLabel("Choose files").setInputFiles([
        { name: `${RUN} ${MARKUP}.jsonl`, mimeType: "", buffer: Buffer.from(answered) },
        { name: `${RUN}-refused.jsonl`, mimeType: "", buffer: Buffer.from(refused) },
      ]);
      for (const name of [`${RUN} ${MARKUP}.jsonl`, `${RUN}-refused.jsonl`]) {
        await page.getByRole("checkbox", { name }).and(page.locator(":checked")).waitFor();
      }
      assert.equal(await page.getByLabel("Endpoint").locator("option").count(), 12);
      await page.getByLabel("Model").fill("mistral-small-latest");
      await page.getByLabel("Time limit in hours").fill("2");
      await addMetadata(page, "run", RUN);
      await addMetadata(page, "markup", "<b>bold</b>&amp;");
      await page.getByRole("button", { name: "Create and start job" }).click();

      await page
        .getByRole("heading", { name: `${RUN}-refused.jsonl and 1 more file` })
        .waitFor();
      const seen = await progressUntilEnd(page);
      assert.ok(
        seen.some((percent) => percent > 0 && percent < 100),
        `no progress was seen on the way: ${seen}`,
      );
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      );
      assert.equal(await statusOf(page), "Succeeded");
      assert.match(await page.getByRole("status").textContent(), /The job has ended: Succeeded/);

      const text = await page.getByRole("main").innerText();
      assert.match(text, /607 of 607 requests, 7 failed/);
      const id = decodeURIComponent(page.url().split("/").at(-1));
      const { points } = await call("GET", `/v1/batch/jobs/${id}/progress`);
      assert.deepEqual(
        [points.at(-1).completed, points.at(-1).failed],
        [607, 7],
        "completed counts what failed, too",
      );
      assert.ok(text.includes("run=" + RUN) && text.includes("markup=<b>bold</b>&amp;"), text);
      assert.match(text, /Endpoint\s+\/v1\/chat\/completions/);
      const errors = await page
        .getByRole("region", { name: "Errors" })
        .getByRole("row")
        .allInnerTexts();
      const failures = errors.slice(1).map((row) => Number(row.split("\t").at(-1)));
      assert.equal(
        failures.reduce((sum, count) => sum + count, 0),
        7,
        errors.join("\n"),
      );
      assert.equal(errors.length, 2, "equal errors are one");
      assert.match(errors[1], /^The endpoint refused the request/);
      assert.equal(await page.locator("img, main b").count(), 0);

      const charts = await drawnCharts(page);
      for (const title of ["Throughput", "Latency", "Errors by code", "Tokens"]) {
        assert.ok(charts.includes(title), `${title} is not drawn: ${charts}`);
      }
      await page.getByText("The charts as a table").click();
      await page
        .getByRole("region", { name: "Numbers of the charts" })
        .getByRole("row")
        .nth(1)
        .waitFor();

      await opensReport(page, id);

      const files = page.getByRole("region", { name: "Files" });
      const output = await downloaded(
        page,
        files.getByRole("button", { name: /^Download output/ }),
      );
      const ids = output
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).custom_id);
      assert.deepEqual(
        new Set(ids),
        new Set(
          answered
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line).custom_id),
        ),
      );
      await files.getByRole("button", { name: /^Preview output/ }).click();
      await files.locator(".preview").getByText(`good-${RUN}-0`, { exact: true }).waitFor();
      await files.getByRole("button", { name: /^Preview output/ }).click();
      assert.equal(await files.locator(".preview:visible").count(), 0);
      await files.getByRole("button", { name: /^Preview errors/ }).click();
      await files.locator(".preview").getByText(`bad-${RUN}-0`, { exact: true }).waitFor();
      const failed = await downloaded(
        page,
        files.getByRole("button", { name: /^Download errors/ }),
      );
      assert.equal(failed.trimEnd().split("\n").length, 7);
      const input = await downloaded(
        page,
        files.getByRole("button", { name: `Download input ${RUN}-refused.jsonl` }),
      );
      assert.equal(input, refused);

      await page.getByRole("button", { name: "Delete job" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete job" }).click();
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
    }));

  test("is cancelled after a question, which can be answered with no", () =>
    visit(browser, {}, async (page) => {
      const job = await createJob(
        requests("long", 3000, () => "[[latency:3s]]"),
        { metadata: { run: RUN, cancel: "yes" } },
      );
      await open(page, `#/jobs/${job.id}`);
      await page.getByRole("button", { name: "Cancel job" }).click();
      const dialog = page.getByRole("dialog", { name: "Cancel this job?" });
      await dialog.getByRole("button", { name: "Let it run" }).click();
      assert.equal(await dialog.count(), 0);
      assert.ok(
        ["QUEUED", "RUNNING"].includes((await call("GET", `/v1/batch/jobs/${job.id}`)).status),
      );

      await page.getByRole("button", { name: "Cancel job" }).click();
      await dialog.getByRole("button", { name: "Cancel job" }).click();
      await page.locator(".badge", { hasText: /^Cancelled$/ }).waitFor({ timeout: A_JOB_MS });
      assert.equal((await call("GET", `/v1/batch/jobs/${job.id}`)).status, "CANCELLED");
      assert.equal(await page.getByRole("button", { name: "Cancel job" }).count(), 0);
      await page.getByRole("button", { name: "Delete job" }).waitFor();
    }));

  test("that does not exist is told in words", () =>
    visit(browser, { expected: [/status of 404/] }, async (page) => {
      await open(page, "#/jobs/00000000-0000-4000-8000-000000000000");
      await page.locator("main [role=alert]").filter({ hasText: /./ }).waitFor();
      assert.equal(await page.getByRole("button", { name: "Cancel job" }).count(), 0);
    }));

  test("is not asked for without a file, or with metadata that lacks its value", () =>
    visit(browser, { address: "#/new" }, async (page) => {
      await page.route("**/v1/batch/jobs", () => assert.fail("A job was created."));
      await page.getByRole("button", { name: "Create and start job" }).click();
      await page.getByRole("alert").filter({ hasText: "at least one file" }).waitFor();
      await page.getByLabel("Choose files").setInputFiles([
        {
          name: `${RUN}-unused.jsonl`,
          mimeType: "",
          buffer: Buffer.from(requests("unused", 1, () => "")),
        },
      ]);
      await page.getByRole("checkbox", { name: `${RUN}-unused.jsonl` }).waitFor();
      await addMetadata(page, "lonely", "");
      await page.getByRole("button", { name: "Create and start job" }).click();
      await page.getByRole("alert").filter({ hasText: "both a key and a value" }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), "metadata-value-1");
    }));
});

describe("a file with mistakes", () => {
  test("is checked before its job starts, which then may start anyway", () =>
    visit(browser, { address: "#/new" }, async (page) => {
      const good = requests(`checked-${RUN}`, 2, () => "");
      const name = `${RUN}-mistakes.jsonl`;
      await page.getByLabel("Choose files").setInputFiles([
        {
          name,
          mimeType: "",
          buffer: Buffer.from(`${good}not json\n\n{"custom_id":"x"}\nnor this\n${good}`),
        },
      ]);
      await page.getByRole("checkbox", { name }).and(page.locator(":checked")).waitFor();
      await page.getByLabel("Model").fill("mistral-small-latest");
      await page.getByRole("button", { name: "Create and start job" }).click();
      const found = page.getByRole("alert").filter({ hasText: `${name}: 5 of 7 lines` });
      await found.waitFor();
      const text = await found.innerText();
      assert.match(text, /not parseable as valid JSON\. \(lines 3, 6\)/);
      assert.match(text, /Missing required parameter: 'body'\. \(line 5\)/);
      assert.match(text, /An earlier line has the same custom_id\. \(lines 7, 8\)/);
      assert.equal(await page.evaluate(() => location.hash), "#/new");

      await page.getByLabel("Endpoint").selectOption("/v1/embeddings");
      assert.equal(await found.count(), 0);
      await page.getByLabel("Endpoint").selectOption("/v1/chat/completions");
      await page.getByRole("button", { name: "Create and start job" }).click();
      await page.getByRole("button", { name: "Start anyway" }).click();
      await page.getByRole("heading", { name }).waitFor();
    }));

  test("that holds no lines at all is called by its form", () =>
    visit(browser, { address: "#/new" }, async (page) => {
      const file = await upload(`${RUN}-pretty.jsonl`, "{}\n");
      await page.route("**/v1/files/*/check?*", (route) =>
        route.fulfill({
          json: {
            checked_lines: 3,
            complete: true,
            invalid_lines: 3,
            form: "looks like CSV, but <b>",
            problems: [],
          },
        }),
      );
      await open(page, `#/new?file=${file.id}`);
      await page
        .getByRole("checkbox", { name: file.filename })
        .and(page.locator(":checked"))
        .waitFor();
      await page.getByRole("button", { name: "Create and start job" }).click();
      await page.getByRole("alert").getByText("It looks like CSV, but <b>.").waitFor();
    }));
});

describe("the list of jobs", () => {
  test("is filtered by status, model and metadata, in its address", () =>
    visit(browser, {}, async (page) => {
      const small = await createJob(
        requests("s", 2, () => ""),
        { model: `small-${RUN}`, metadata: { run: RUN, size: `s-${RUN}` } },
      );
      const large = await createJob(
        requests("l", 2, () => ""),
        { model: `large-${RUN}`, metadata: { run: RUN, size: `l-${RUN}` } },
      );
      const rows = page.getByRole("list", { name: "Jobs" }).locator("> li");
      await open(page, `#/jobs?metadata=size%3Ds-${RUN}`);
      await page.getByRole("link", { name: small.id.slice(0, 8) }).waitFor();
      assert.equal(await rows.count(), 1);
      assert.equal(await page.getByLabel("Metadata").inputValue(), `size=s-${RUN}`);

      await page.getByRole("button", { name: "Clear" }).click();
      await page.getByLabel("Model").fill(`large-${RUN}`);
      await page.getByLabel("Model").press("Enter");
      await page.waitForURL(`**/#/jobs?model=large-${RUN}`);
      await page.getByRole("link", { name: large.id.slice(0, 8) }).waitFor();
      await page.waitForFunction(() => document.querySelectorAll(".job-row").length === 1);

      await page
        .locator(".job-row .badge", { hasText: "Succeeded" })
        .waitFor({ timeout: A_JOB_MS });
      await page.getByLabel("Status").selectOption("FAILED");
      await page.getByText("No job fits these filters.").waitFor();
      await page.getByLabel("Status").selectOption("SUCCESS");
      await page.getByRole("link", { name: large.id.slice(0, 8) }).waitFor();

      await page.getByLabel("Metadata").fill("nonsense");
      await page.getByRole("button", { name: "Apply" }).click();
      await page.getByRole("alert").filter({ hasText: "key=value" }).waitFor();
    }));

  test("is paged, and shows hostile strings as text", () =>
    visit(browser, { before: (page) => serveJobs(page, { total: 45 }) }, async (page) => {
      const paging = page.getByRole("navigation", { name: "Pages of jobs" });
      await paging.getByText("Page 1 of 3, 45 in all").waitFor();
      assert.equal(await paging.getByRole("link", { name: "Previous" }).count(), 0);
      await paging.getByRole("link", { name: "Next" }).click();
      await paging.getByText("Page 2 of 3, 45 in all").waitFor();
      await page.getByRole("link", { name: "job-20" }).waitFor();
      await paging.getByRole("link", { name: "Next" }).click();
      await page.getByRole("link", { name: "job-44" }).waitFor();
      assert.equal(await paging.getByRole("link", { name: "Next" }).count(), 0);

      const row = await page.locator(".job-row").first().innerText();
      assert.ok(row.includes(HOSTILE) && row.includes(`${HOSTILE}=<script>alert(2)</script>`), row);
      assert.equal(await page.locator("img, main script").count(), 0);
    }));
});

describe("polling", () => {
  test("runs while something is active and the tab is visible, and backs off on errors", () => {
    const served = { total: 1, status: "RUNNING", asked: 0 };
    const prepare = async (page) => {
      await page.clock.install();
      await serveJobs(page, served);
    };
    return visit(
      browser,
      { before: prepare, signedIn: false, expected: [/status of 503/] },
      async (page) => {
        await signIn(page);
        await page.locator(".badge", { hasText: "Running" }).waitFor();
        const after = async (milliseconds, answers) => {
          const asked = served.asked;
          for (let passed = 0; passed < milliseconds; passed += 500) {
            await page.clock.runFor(500);
            await settled(page, served);
          }
          assert.equal(served.asked - asked, answers, `calls within ${milliseconds} ms`);
        };
        await page.clock.pauseAt(Date.now() + 60_000);
        await settled(page, served);
        await after(2_000, 1);
        await after(4_000, 2);

        await setHidden(page, true);
        await after(20_000, 0);
        served.asked = 0;
        await setHidden(page, false);
        await settled(page, served);
        assert.equal(served.asked, 1, "a call as soon as the tab is seen again");

        served.broken = true;
        await after(2_000, 1);
        await page.getByRole("alert").filter({ hasText: "Next try in 4 s" }).waitFor();
        await after(3_500, 0);
        await after(500, 1);
        await page.getByRole("alert").filter({ hasText: "Next try in 8 s" }).waitFor();
        served.broken = false;
        await after(8_000, 1);
        await page.waitForFunction(() => document.querySelector("[data-problem]").hidden);

        served.status = "SUCCESS";
        await after(2_000, 1);
        await page.locator(".badge", { hasText: "Succeeded" }).waitFor();
        await after(20_000, 0);
      },
    );
  });

  test("turns cumulative points into rates", () =>
    visit(browser, { signedIn: false }, async (page) => {
      const found = await page.evaluate(async () => {
        const { errorCodes, fromStart, rates } = await import("/page/series.js");
        const points = [
          { at: 10, completed: 4, errors: { a: 1 } },
          { at: 12, completed: 10, errors: { a: 1, b: 5 } },
          { at: 12, completed: 12, errors: { a: 1, b: 5 } },
          { at: 16, completed: 3, errors: { a: 1, b: 6, c: 1 } },
        ];
        return {
          rates: rates(fromStart(points, 8), (point) => point.completed),
          unknownStart: rates(points, (point) => point.completed),
          codes: errorCodes(points, 2).map(({ name, of }) => [name, of(points[3])]),
        };
      });
      assert.deepEqual(found.rates, [null, 2, 3, null, null]);
      assert.deepEqual(found.unknownStart, [null, 3, null, null]);
      assert.deepEqual(found.codes, [
        ["b", 6],
        ["others", 2],
      ]);
    }));
});

test("a job's table has what its charts draw: rates of the sums, latencies as they are", () => {
  const prepare = async (page) => {
    await serveJobs(page, { total: 1, status: "SUCCESS" });
    const point = (at, completed, failed, tokens, latency) => ({
      at,
      completed,
      failed,
      in_flight: 1,
      prompt_tokens: tokens,
      completion_tokens: 2 * tokens,
      cost: tokens / 100,
      latency_p50_ms: latency,
      latency_p95_ms: null,
      latency_p99_ms: latency,
      errors: failed > 0 ? { invalid_request: failed } : {},
    });
    await page.route("**/v1/batch/jobs/job-0?*", (route) =>
      route.fulfill({ json: { ...servedJob(0), started_at: 100, completed_at: 110 } }),
    );
    await page.route("**/v1/batch/jobs/job-0/progress", (route) =>
      route.fulfill({
        json: {
          requests_per_second: 0,
          in_flight: 0,
          prompt_tokens: 90,
          completion_tokens: 180,
          cost: 0.9,
          currency: "EUR",
          points: [point(102, 4, 0, 10, 50), point(106, 20, 4, 90, 70)],
        },
      }),
    );
  };
  return visit(browser, { address: "#/jobs/job-0", before: prepare }, async (page) => {
    await page.getByText("The charts as a table").click();
    const table = page.getByRole("region", { name: "Numbers of the charts" });
    await table.getByRole("row").nth(3).waitFor();
    const rows = await table.getByRole("row").allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split("\t").map((cell) => cell.trim())),
      [
        [
          "Time",
          ...["Throughput: Succeeded", "Throughput: Failed"],
          ...["Latency: p50", "Latency: p95", "Latency: p99"],
          "Errors by code: invalid_request",
          ...["Tokens: Prompt", "Tokens: Completion"],
          "Cost",
        ],
        ["0 s", "", "", "", "", "", "", "", "", "0"],
        ["2 s", "2", "0", "50", "", "50", "0", "5", "10", "0.1"],
        ["6 s", "3", "1", "70", "", "70", "1", "20", "40", "0.9"],
      ],
    );
    assert.ok((await page.getByRole("main").innerText()).includes("0.9 EUR"));
  });
});

test("a question that is asked again at once hears its own answer, once", () =>
  visit(browser, { address: "#/jobs" }, async (page) => {
    const answers = await page.evaluate(async () => {
      const { ask } = await import(new URL("page/question.js", document.baseURI).href);
      const words = { title: "?", text: "", yes: "yes", no: "no" };
      const dialog = document.querySelector("[data-question]");
      const first = ask(words);
      // The browser tells of this only after the next question is asked.
      dialog.close();
      const second = ask(words);
      await new Promise((told) => setTimeout(told, 50));
      dialog.querySelector("[data-yes]").click();
      return [await first, await second, dialog.open];
    });
    assert.deepEqual(answers, [false, true, false]);
  }));

test("the keyboard alone signs in, creates a job and cancels it, with the focus in sight", () =>
  visit(browser, { signedIn: false, address: "#/new" }, async (page) => {
    const press = (key) => page.keyboard.press(key);
    await page.getByLabel("API key").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "api-key");
    await page.keyboard.type(KEY);
    await press("Enter");

    await page.getByRole("heading", { name: "New job" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "New job" }).waitFor();
    await press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement.textContent),
      "Skip to the content",
    );
    await press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");

    // Asked for in time: the browser begins to tell of choosers some time after the question.
    const chosen = page.waitForEvent("filechooser");
    await tabTo(page, page.getByLabel("Choose files"));
    await press("Space");
    const chooser = await chosen;
    const name = `${RUN}-keyboard.jsonl`;
    await chooser.setFiles([
      { name, mimeType: "", buffer: Buffer.from(requests("keys", 3000, () => "[[latency:3s]]")) },
    ]);
    const box = page.getByRole("checkbox", { name });
    await box.waitFor();
    await tabTo(page, box);
    await press("Space");
    assert.equal(await box.isChecked(), false);
    await press("Space");
    await tabTo(page, page.getByLabel("Endpoint"));
    await press("ArrowDown");
    await press("ArrowUp");
    await tabTo(page, page.getByLabel("Model"));
    await page.keyboard.type("mistral-small-latest");
    await tabTo(page, page.getByRole("button", { name: "Add metadata" }));
    await press("Enter");
    await page.keyboard.type("run");
    await press("Tab");
    await page.keyboard.type(RUN);
    await tabTo(page, page.getByRole("button", { name: "Create and start job" }));
    await press("Enter");

    await page.getByRole("heading", { name }).waitFor();
    const cancel = page.getByRole("button", { name: "Cancel job" });
    await cancel.waitFor();
    await tabTo(page, cancel);
    await press("Enter");
    const dialog = page.getByRole("dialog", { name: "Cancel this job?" });
    await dialog.waitFor();
    await press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.ok(await isFocused(cancel), "the focus is back where the question came from");
    await press("Enter");
    await tabTo(page, dialog.getByRole("button", { name: "Cancel job" }));
    await press("Enter");
    await page.locator(".badge", { hasText: /^Cancelled$/ }).waitFor({ timeout: A_JOB_MS });

    await tabTo(page, page.getByRole("link", { name: "All jobs" }));
    await press("Enter");
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
  }));

describe("looks", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`every text has enough contrast, and the accessibility checker finds nothing, in ${colorScheme}`, () =>
      visit(browser, { colorScheme, signedIn: false, expected: REFUSED_ONCE }, (page) =>
        walk(page, async (where) => {
          const { weak, seen } = await page.evaluate(weakTexts);
          assert.ok(seen > 3, `${where}: only ${seen} texts`);
          assert.deepEqual(weak, [], where);
          assert.deepEqual(await barriers(page), [], where);
        }),
      ));
  }

  test("nothing is wider than a phone of 360 pixels", () =>
    visit(
      browser,
      { viewport: { width: 360, height: 740 }, signedIn: false, expected: REFUSED_ONCE },
      (page) =>
        walk(page, async (where) => {
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= 360, `${where} is ${width} pixels wide`);
        }),
    ));

  test("nothing moves for those who do not want it", () =>
    visit(
      browser,
      {
        reducedMotion: "reduce",
        before: (page) => serveJobs(page, { total: 1, status: "RUNNING" }),
      },
      async (page) => {
        await page.locator(".badge", { hasText: "Running" }).waitFor();
        const moving = await page.evaluate(() => document.getAnimations().length);
        assert.equal(moving, 0);
        const transition = await page
          .locator(".bar .succeeded")
          .evaluate((bar) => getComputedStyle(bar).transitionDuration);
        assert.match(transition, /^0s$/);
      },
    ));
});

/** The report is a tab of its own that works and can get nothing of the page's. */
async function opensReport(page, id) {
  const [report] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("button", { name: "Open report" }).click(),
  ]);
  await report.getByRole("heading", { name: id }).waitFor();
  const { opener, stored, styled } = await report.evaluate(() => {
    let stored;
    try {
      stored = sessionStorage.length;
    } catch (error) {
      stored = error.name;
    }
    const styled = getComputedStyle(document.querySelector(".skip")).position;
    return { opener: window.opener, stored, styled };
  });
  assert.deepEqual({ opener, stored, styled }, { opener: null, stored: "SecurityError", styled: "absolute" });
  const text = await report.getByRole("main").innerText();
  assert.match(text, /607/);
  assert.ok(!text.includes(KEY) && !text.includes("question 0"), text);
  await report.close();
}

/** Something to wait for until somebody gives it. */
function signal() {
  let give;
  const given = new Promise((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** Goes to every view, with its messages and questions open, and looks at each. */
async function walk(page, look) {
  const text = requests("walk", 20, (index) => (index % 4 === 0 ? "[[fault:http_400]]" : ""));
  const job = await createJob(text, { metadata: { run: RUN, long: "x".repeat(200) } });
  await upload(`${"long-name-".repeat(15)}.jsonl`, text);

  await page.getByLabel("API key").fill("bi_00000000_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").filter({ hasText: "does not accept" }).waitFor();
  await look("sign-in");
  await signIn(page);

  await page.locator(".job-row").first().waitFor();
  await page.getByLabel("Metadata").fill("nonsense");
  await page.getByRole("button", { name: "Apply" }).click();
  await look("jobs");

  await open(page, "#/new");
  await page.getByRole("button", { name: "Create and start job" }).click();
  await page.getByRole("checkbox").first().waitFor();
  await addMetadata(page, "key", "value");
  await look("new job");

  await open(page, "#/files");
  await page.locator(".file-row").first().waitFor();
  await look("files");

  await open(page, `#/jobs/${job.id}`);
  await page.locator(".badge", { hasText: "Succeeded" }).waitFor({ timeout: A_JOB_MS });
  await page.getByText("The job as JSON").click();
  await page.locator("canvas").first().waitFor();
  await page.getByText("The charts as a table").click();
  await look("job");
  await page.getByRole("button", { name: "Delete job" }).click();
  await page.getByRole("dialog").waitFor();
  await look("question");
}

async function addMetadata(page, key, value) {
  await page.getByRole("button", { name: "Add metadata" }).click();
  await page.getByLabel("Key", { exact: true }).last().fill(key);
  await page.getByLabel("Value", { exact: true }).last().fill(value);
}

function statusOf(page) {
  return page.locator(".badge").innerText();
}

/** The percentages the page showed one after another, from now to the job's end. */
async function progressUntilEnd(page) {
  const bar = page.getByRole("progressbar", { name: "Progress of this job" });
  await bar.waitFor();
  const handle = await page.evaluateHandle(() => {
    const seen = [];
    const shown = document.querySelector("main [role=progressbar]");
    const note = () => {
      const percent = Number(shown.getAttribute("aria-valuenow"));
      if (seen.at(-1) !== percent) {
        seen.push(percent);
      }
    };
    note();
    new MutationObserver(note).observe(shown, { attributeFilter: ["aria-valuenow"] });
    return seen;
  });
  await page.getByRole("button", { name: "Delete job" }).waitFor({ timeout: A_JOB_MS });
  return handle.jsonValue();
}

/** The titles of the charts whose canvas holds more than one colour. */
function drawnCharts(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("figure")]
      .filter((figure) => {
        const canvas = figure.querySelector("canvas");
        if (!canvas.checkVisibility() || canvas.width === 0 || !canvas.getAttribute("aria-label")) {
          return false;
        }
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size > 2;
      })
      .map((figure) => figure.querySelector("h3").textContent),
  );
}

async function downloaded(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return readFile(await download.path(), "utf8");
}

function servedJob(index, status = "SUCCESS") {
  return {
    id: `job-${index}`,
    object: "batch",
    input_files: [],
    metadata: { [HOSTILE]: "<script>alert(2)</script>" },
    endpoint: "/v1/chat/completions",
    model: HOSTILE,
    output_file: null,
    error_file: null,
    errors: [],
    status,
    created_at: 1_750_000_000,
    started_at: 1_750_000_001,
    completed_at: null,
    total_requests: 10,
    completed_requests: 4,
    succeeded_requests: 3,
    failed_requests: 1,
  };
}

/** Answers the list of jobs from here; `served` may change while the page is open. */
async function serveJobs(page, served) {
  await page.route("**/v1/batch/jobs?*", (route) => {
    served.asked = (served.asked ?? 0) + 1;
    if (served.broken) {
      return route.fulfill({ status: 503, json: { message: "Too busy." } });
    }
    const query = new URL(route.request().url()).searchParams;
    const size = Number(query.get("page_size"));
    const first = Number(query.get("page") ?? 0) * size;
    const count = Math.max(0, Math.min(size, served.total - first));
    const data = Array.from({ length: count }, (_, index) =>
      servedJob(first + index, served.status),
    );
    return route.fulfill({ json: { object: "list", data, total: served.total } });
  });
}

/** Waits until the calls under way are answered, by round trips through the page's own loop. */
async function settled(page, served) {
  let asked;
  do {
    asked = served.asked;
    for (let turn = 0; turn < 3; turn += 1) {
      await page.evaluate(() =>
        fetch("/page/page.css", { cache: "no-store" }).then((response) => response.text()),
      );
    }
  } while (served.asked !== asked);
}

async function setHidden(page, hidden) {
  await page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

function isFocused(locator) {
  return locator.evaluate((node) => node === document.activeElement);
}

/** Goes there by Tab alone, around the page if need be, and demands to see the focus on the way. */
async function tabTo(page, locator) {
  for (let steps = 0; steps < 200; steps += 1) {
    await page.keyboard.press("Tab");
    const unseen = await page.evaluate(() => {
      const node = document.activeElement;
      if (node === document.body) {
        return "";
      }
      const shown = node.type === "file" ? node.labels[0] : node;
      const style = getComputedStyle(shown);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        ? ""
        : shown.outerHTML;
    });
    assert.equal(unseen, "", "the focus is not visible");
    if (await isFocused(locator)) {
      return;
    }
  }
  assert.fail(`Not reached by Tab: ${locator}`);
}
