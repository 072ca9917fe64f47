// Mistral's documented end-to-end script, call by call as its Python puts them on the wire.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  OCTETS,
  createBatch,
  eventually,
  exchange,
  finishedBatch,
  get,
  mistral,
  openaiLine,
  postMultipart,
  rejection,
  service,
  unique,
} from './support.mjs';

const python = {
  'user-agent': 'mistral-client-python/1.12.4',
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate',
  connection: 'keep-alive',
};

/** Numbers from 0 to 1 that are the same for the same seed. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomInput(samples, seed, mark = () => '') {
  const next = random(seed);
  const between = (start, end) => start + Math.floor(next() * (end - start));
  let text = '';
  for (let index = 0; index < samples; index++) {
    const letters = Array.from({ length: between(100, 5000) }, () =>
      String.fromCharCode(97 + between(0, 26)),
    );
    const content = letters.join(' ') + mark(index);
    // As json.dumps writes it, with a blank after each comma and colon.
    text +=
      `{"custom_id": "${index}", "body": {"max_tokens": ${between(10, 1001)}, ` +
      `"messages": [{"role": "user", "content": ${JSON.stringify(content)}}]}}\n`;
  }
  return text;
}

async function createInputFile(text) {
  const parts = [
    ['purpose', 'batch'],
    ['file', text, { filename: 'file.jsonl', type: OCTETS }],
  ];
  const boundary = '5c2f1f0c0ad54b5c9dd4a4d4c4c4c4c4';
  return (await postMultipart('/v1/files', parts, { boundary, headers: python })).ok();
}

function printStats(job) {
  const done = ((job.succeeded_requests + job.failed_requests) / job.total_requests) * 100;
  assert.ok(Number.isFinite(done) && done >= 0 && done <= 100, `Percent done: ${done}`);
  return done;
}

async function runBatchJob(inputFile) {
  const body = JSON.stringify({
    input_files: [inputFile.id],
    model: 'codestral-latest',
    endpoint: '/v1/chat/completions',
    metadata: { job_type: 'testing' },
    timeout_hours: 24,
  });
  const headers = { ...python, 'content-type': 'application/json' };
  let job = (await exchange('POST', '/v1/batch/jobs', { headers, body })).ok();
  printStats(job);
  const deadline = Date.now() + 90_000;
  while (['QUEUED', 'RUNNING'].includes(job.status)) {
    job = (await get(`/v1/batch/jobs/${job.id}`, { headers: python })).ok();
    printStats(job);
    assert.ok(Date.now() < deadline, JSON.stringify(job));
    await pause(50);
  }
  return job;
}

/** Every chunk as it comes from the network, not decoded, must be text of its own. */
async function downloadFile(fileId) {
  if (fileId === null) {
    return [];
  }
  const headers = { ...python, accept: OCTETS };
  const answer = await get(`/v1/files/${fileId}/content`, { headers });
  assert.equal(answer.status, 200);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (const chunk of answer.chunks) {
    assert.ok(
      chunk.every((byte) => byte < 128),
      'every network chunk is ASCII',
    );
    text += decoder.decode(chunk);
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function endToEnd(text) {
  const inputFile = await createInputFile(text);
  const job = await runBatchJob(inputFile);
  const duration = job.completed_at - job.created_at;
  assert.ok(Number.isInteger(duration) && duration >= 0, `Job duration: ${duration} seconds`);
  return {
    job,
    errors: await downloadFile(job.error_file),
    results: await downloadFile(job.output_file),
  };
}

describe('the end-to-end script', { concurrency: 4 }, () => {
  const seed = Number(process.env.BATCHINFER_TEST_SEED ?? Date.now() % 2 ** 31);

  test(`script: upload, create, poll, statistics, duration, downloads (seed ${seed})`, async () => {
    const { job, errors, results } = await endToEnd(randomInput(100, seed));
    assert.equal(job.status, 'SUCCESS');
    assert.equal(printStats(job), 100);
    assert.deepEqual(errors, []);
    assert.equal(results.length, 100);
    assert.deepEqual(
      new Set(results.map((line) => line.custom_id)),
      new Set(Array.from({ length: 100 }, (_, index) => String(index))),
    );
    assert.ok(
      results.every((line) => typeof line.response.body.choices[0].message.content === 'string'),
    );
  });

  test(`script: with requests that fail there is an error file to download (seed ${seed})`, async () => {
    const { job, errors, results } = await endToEnd(
      randomInput(60, seed, (index) => (index % 6 === 0 ? ' é😀 [[fault:http_400]]' : ' 日本')),
    );
    assert.equal(job.status, 'SUCCESS');
    assert.equal(printStats(job), 100);
    assert.equal(errors.length, 10);
    assert.equal(results.length, 50);
  });

  test(`script: with requests that all fail there is no output file and nothing breaks (seed ${seed})`, async () => {
    const { job, errors, results } = await endToEnd(
      randomInput(5, seed, () => ' [[fault:http_400]]'),
    );
    assert.ok(['SUCCESS', 'FAILED'].includes(job.status), job.status);
    assert.equal(job.output_file, null);
    assert.equal(errors.length, 5);
    assert.deepEqual(results, []);
  });

  test('script: the statistics and the duration of a job that failed', async () => {
    const batch = await createBatch(['{"custom_id":"0"}', JSON.stringify(openaiLine('1'))]);
    await finishedBatch(batch.id);
    const job = (await get(`/v1/batch/jobs/${batch.id}`, { headers: python })).ok();
    assert.equal(job.status, 'FAILED');
    printStats(job);
    assert.ok(Number.isInteger(job.completed_at - job.created_at));
  });

  test("script: the documentation's TypeScript, call by call", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'script-'));
    try {
      const requests = path.join(folder, 'batch_input_file.jsonl');
      const line = (id, about) =>
        `{"custom_id": "${id}", "body": {"max_tokens": 100, "messages": [{"role": "user", "content": "What is the best French ${about}?"}]}}\n`;
      fs.writeFileSync(requests, line(0, 'cheese') + line(1, 'wine'));
      const client = mistral();
      const batchFile = fs.readFileSync(requests);
      const batchData = await client.files.upload({
        file: { fileName: 'batch_input_file.jsonl', content: batchFile },
        purpose: 'batch',
      });
      const jobType = unique('testing');
      const createdJob = await client.batch.jobs.create({
        inputFiles: [batchData.id],
        model: 'mistral-small-latest',
        endpoint: '/v1/chat/completions',
        metadata: { jobType },
      });
      assert.deepEqual(createdJob.metadata, { jobType });
      const retrievedJob = await eventually('the job has ended', async () => {
        const job = await client.batch.jobs.get({ jobId: createdJob.id });
        return ['QUEUED', 'RUNNING'].includes(job.status) ? null : job;
      });
      assert.equal(retrievedJob.status, 'SUCCESS');
      const outputFileStream = await client.files.download({ fileId: retrievedJob.outputFile });
      const results = path.join(folder, 'batch_results.jsonl');
      const writeStream = fs.createWriteStream(results);
      await outputFileStream.pipeTo(
        new WritableStream({
          write(chunk) {
            writeStream.write(chunk);
          },
          close() {
            writeStream.end();
          },
        }),
      );
      await finished(writeStream);
      const written = fs.readFileSync(results, 'utf8').trimEnd().split('\n');
      assert.deepEqual(
        written.map((text) => JSON.parse(text).custom_id),
        ['0', '1'],
      );
      // As it is documented the SDK refuses it before anything is sent; a list is what it wants.
      const alone = await rejection(
        client.batch.jobs.list({ status: 'SUCCESS', metadata: { jobType } }),
      );
      assert.equal(alone.name, 'SDKValidationError');
      const listJob = await client.batch.jobs.list({ status: ['SUCCESS'], metadata: { jobType } });
      assert.deepEqual(
        listJob.data.map((job) => job.id),
        [createdJob.id],
      );
      const canceledJob = await rejection(client.batch.jobs.cancel({ jobId: createdJob.id }));
      assert.equal(canceledJob.statusCode, 409);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test("script: the documentation's curl forms", async () => {
    const text =
      '{"custom_id": "0", "body": {"max_tokens": 100, "messages": [{"role": "user", "content": "Hi"}]}}\n';
    const file = await createInputFile(text);
    const create = await exchange('POST', '/v1/batch/jobs', {
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: `{\n"model": "mistral-small-latest",\n"input_files": [\n"${file.id}"\n],\n"endpoint": "/v1/chat/completions",\n"metadata": {\n"job_type": "testing"\n}\n}`,
    });
    const job = create.ok();
    const headers = { 'Content-Type': 'application/json' };
    (await get(`/v1/batch/jobs/${job.id}`, { headers })).ok();
    const list = await get('/v1/batch/jobs?status=RUNNING&job_type=testing', {
      auth: false,
      headers: { ...headers, 'x-api-key': service.key },
    });
    assert.ok((list.ok().data ?? []).every((item) => item.metadata.job_type === 'testing'));
    const cancel = await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`, { headers });
    if (cancel.status !== 200) {
      cancel.refused(400, 409, 422);
    }
  });
});
