import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBrowser } from "../chromium.mjs";
import { visit } from "../page/browser.mjs";

// The pictures of the documentation. They are taken by every run, so that they still can be; with PICTURES, which
// names a folder, they are kept.
const MOST_BYTES = 150_000;
const NOW = Date.parse("2026-11-20T15:04:00Z");
const TWENTY_MINUTES_AGO = NOW / 1000 - 1200;
const IDS = ["3f0c9a1e", "b81d52c7", "50e7f3d9", "c2a86b04", "97d41fe8"];

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("the list of jobs", () =>
  visit(browser, settings({ height: 862 }), async (page) => {
    await page.getByRole("link", { name: "tickets-2026-11.jsonl" }).waitFor();
    await page.getByText("Cancelled").last().waitFor();
    await take(page, "service-jobs");
  }));

test("the course of a job", () =>
  visit(browser, { ...settings({ height: 922 }), address: `#/jobs/${IDS[0]}` }, async (page) => {
    await page.getByRole("heading", { name: "tickets-2026-11.jsonl" }).waitFor();
    await page.waitForFunction(
      () => [...document.querySelectorAll("figure canvas")].filter((one) => one.width > 0).length > 4,
    );
    await take(page, "service-job");
  }));

function settings({ height }) {
  return {
    viewport: { width: 1000, height },
    locale: "en-GB",
    timezoneId: "UTC",
    before: async (page) => {
      await page.clock.setFixedTime(NOW);
      await answer(page);
    },
  };
}

async function take(page, name) {
  // No focus and no pointer is in a picture.
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ animations: "disabled" });
  assert.ok(picture.length < MOST_BYTES, `${name} has ${picture.length} bytes`);
  if (process.env.PICTURES) {
    await writeFile(join(process.env.PICTURES, `${name}.png`), picture);
  }
}

/** Answers the page's calls for jobs and files from here: the same each time, and more than a test's own jobs show. */
async function answer(page) {
  const jobs = [
    job(0, "tickets-2026-11.jsonl", "RUNNING", [120_000, 78_431, 214], "mistral-small-latest"),
    job(1, "products-embeddings.jsonl", "RUNNING", [40_000, 12_800, 0], "mistral-embed"),
    job(2, "reviews-week-46.jsonl", "QUEUED", [8_200, 0, 0], "qwen3-8b"),
    job(3, "summaries-q3.jsonl", "SUCCESS", [25_000, 25_000, 37], "mistral-large-latest"),
    job(4, "invoices.jsonl", "CANCELLED", [5_000, 1_212, 3], "qwen3-8b"),
  ];
  const reply = (pattern, json) =>
    page.route(pattern, (route) =>
      route.fulfill({ json: typeof json === "function" ? json(new URL(route.request().url())) : json }),
    );
  await reply("**/v1/batch/jobs?*", { object: "list", data: jobs, total: jobs.length });
  await reply(`**/v1/batch/jobs/${IDS[0]}?*`, jobs[0]);
  await reply(`**/v1/batch/jobs/${IDS[0]}/progress`, progress());
  await reply("**/v1/files/*", (url) => {
    const index = Number(url.pathname.split("-").at(-1));
    const { file } = jobs[index];
    return { id: `file-${index}`, filename: file, num_lines: jobs[index].total_requests, bytes: 61_200_000 };
  });
}

function job(index, file, status, [total, completed, failed], model) {
  const started = TWENTY_MINUTES_AGO - index * 5_000;
  return {
    id: IDS[index],
    file,
    object: "batch",
    input_files: [`file-${index}`],
    metadata: { team: index % 2 === 0 ? "support" : "search" },
    endpoint: model.endsWith("embed") ? "/v1/embeddings" : "/v1/chat/completions",
    model,
    output_file: null,
    error_file: null,
    errors: [],
    status,
    created_at: started - 4,
    started_at: status === "QUEUED" ? null : started,
    completed_at: ["SUCCESS", "CANCELLED"].includes(status) ? started + 840 : null,
    total_requests: total,
    completed_requests: completed,
    succeeded_requests: completed - failed,
    failed_requests: failed,
  };
}

/** Twenty minutes: the rate is found within two, and an outage of the endpoint halves it for one in the middle. */
function progress() {
  const points = [];
  const sums = { completed: 0, failed: 0, prompt_tokens: 0, completion_tokens: 0 };
  for (let second = 20; second <= 1200; second += 20) {
    const trouble = second > 600 && second <= 660;
    const wave = 1 + 0.06 * Math.sin(second / 47) + 0.04 * Math.sin(second / 13);
    const rate = 67 * Math.min(1, second / 120) * wave * (trouble ? 0.45 : 1);
    sums.completed += 20 * rate;
    sums.failed += trouble ? 60 : 0.5;
    sums.prompt_tokens += 20 * rate * 212;
    sums.completion_tokens += 20 * rate * 96;
    const slower = (trouble ? 2.6 : 1) * wave;
    const whole = Object.fromEntries(
      Object.entries(sums).map(([name, value]) => [name, Math.round(value)]),
    );
    points.push({
      at: TWENTY_MINUTES_AGO + second,
      ...whole,
      in_flight: 64,
      cost: (sums.prompt_tokens * 0.05 + sums.completion_tokens * 0.15) / 1e6,
      latency_p50_ms: 820 * slower,
      latency_p95_ms: 1_450 * slower,
      latency_p99_ms: 2_100 * slower,
      errors: {
        request_timeout: Math.round(sums.failed * 0.84),
        invalid_value: Math.round(sums.failed * 0.16),
      },
    });
  }
  const last = points.at(-1);
  return {
    requests_per_second: 65.2,
    in_flight: 64,
    prompt_tokens: last.prompt_tokens,
    completion_tokens: last.completion_tokens,
    cost: last.cost,
    currency: "USD",
    points,
  };
}
