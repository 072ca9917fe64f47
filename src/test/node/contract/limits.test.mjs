// Limits, on a service whose limits are small: 1000 pending requests, batches of 50 lines and 20,000
// bytes, an endpoint of four slots that takes 20 ms for an answer. The tests share the workspace's
// pending requests, so they run one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import {
  chatBody,
  countingOpenai,
  createBatch,
  createJob,
  eventually,
  exchange,
  finishedBatch,
  finishedJob,
  get,
  jsonl,
  mistral,
  mistralLine,
  openaiLine,
  postJson,
  readJob,
  rejection,
  resultLines,
  sequence,
  smallService as target,
  unique,
  upload,
} from './support.mjs';

const lines = (count) => sequence(count, (id) => mistralLine(id, 'x'));

async function submit(file, more = {}) {
  const request = {
    input_files: [file.id],
    endpoint: '/v1/chat/completions',
    model: 'mistral-small-latest',
    ...more,
  };
  return postJson('/v1/batch/jobs', request, { target });
}

async function refusedForPending(file) {
  const answer = await submit(file);
  const error = answer.refused(429);
  assert.deepEqual([error.type, error.code], ['rate_limit_error', 'pending_limit']);
  assert.match(error.message, /\b1,?000\b/, 'names the limit');
  assert.equal(answer.headers['x-should-retry'], 'false');
}

test('1.2 limits: a job beyond the pending requests of the workspace is refused', async () => {
  await refusedForPending(await upload(jsonl(lines(1001)), { target }));
  const requests = sequence(1001, (id) => ({ custom_id: id, body: chatBody('x') }));
  const marker = unique();
  const inline = { requests, endpoint: '/v1/chat/completions', model: 'm', metadata: { marker } };
  (await postJson('/v1/batch/jobs', inline, { target })).refused(429);
  assert.equal((await get(`/v1/batch/jobs?marker=${marker}`, { target })).ok().total, 0);
});

test('1.2 limits: one of a million pending requests, where nothing else is set', async () => {
  const file = await upload('{"body":{}}\n'.repeat(1_000_001));
  assert.equal(file.num_lines, 1_000_001);
  const request = { input_files: [file.id], endpoint: '/v1/chat/completions', model: 'm' };
  const error = (await postJson('/v1/batch/jobs', request)).refused(429);
  assert.match(error.message, /\b1,?000,?000\b/);
  await mistral().files.delete({ fileId: file.id });
});

test("4.2 retries: OpenAI's client does not try again what the pending requests forbid", async () => {
  const file = await upload(jsonl(sequence(1001, (id) => openaiLine(id, 'x'))), { target });
  const counted = countingOpenai(target);
  const request = {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  };
  const error = await rejection(counted.client.batches.create(request));
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
  assert.equal(error.code, 'pending_limit');
  assert.equal(counted.calls, 1);
});

test('1.2 limits: two jobs share the limit; room comes back as requests are processed, not at the end', async () => {
  const file = await upload(jsonl(lines(600)), { target });
  const first = (await submit(file)).ok();
  await refusedForPending(file);
  await eventually('200 requests are processed', async () =>
    (await readJob(first.id, target)).completed_requests >= 200 ? true : null,
  );
  const answer = await eventually('the second job fits', async () => {
    const tried = await submit(file);
    return tried.status === 200 ? tried : null;
  });
  const halfway = await readJob(first.id, target);
  assert.equal(halfway.status, 'RUNNING', 'the first job still runs');
  for (const id of [first.id, answer.ok().id]) {
    const job = await finishedJob(id, target);
    assert.deepEqual([job.status, job.succeeded_requests], ['SUCCESS', 600]);
  }
});

test('1.2 limits: a cancelled job gives its pending requests back', async () => {
  const file = await upload(jsonl(lines(900)), { target });
  const first = (await submit(file)).ok();
  const refused = await rejection(
    mistral(target).batch.jobs.create({
      inputFiles: [file.id],
      endpoint: '/v1/chat/completions',
      model: 'm',
    }),
  );
  assert.ok(refused.statusCode >= 400 && refused.statusCode < 500, String(refused));
  await mistral(target).batch.jobs.cancel({ jobId: first.id });
  const cancelled = await finishedJob(first.id, target);
  assert.equal(cancelled.status, 'CANCELLED');
  const output = await resultLines(cancelled.output_file, target);
  const errors = await resultLines(cancelled.error_file, target);
  assert.equal(output.size + errors.size, 900);
  const second = (await submit(file)).ok();
  (await exchange('POST', `/v1/batch/jobs/${second.id}/cancel`, { target })).ok();
  await finishedJob(second.id, target);
});

test('1.2 transitions: QUEUED, RUNNING, SUCCESS on a slow endpoint, started_at set while it runs', async () => {
  const job = await createJob(lines(200), { target });
  const running = await eventually('the job runs', async () => {
    const now = await readJob(job.id, target);
    return now.status !== 'QUEUED' ? now : null;
  });
  assert.equal(running.status, 'RUNNING');
  assert.ok(Number.isInteger(running.started_at));
  assert.equal(running.completed_at, null);
  assert.equal((await finishedJob(job.id, target)).status, 'SUCCESS');
});

test('2.3 too_many_tasks: one line more than a batch may have', async () => {
  const line = (id) => openaiLine(id, 'x');
  const most = await finishedBatch((await createBatch(sequence(50, line), { target })).id, target);
  assert.equal(most.status, 'completed', JSON.stringify(most.errors));
  const batch = await finishedBatch((await createBatch(sequence(51, line), { target })).id, target);
  assert.equal(batch.status, 'failed');
  const [error] = batch.errors.data;
  assert.deepEqual([error.code, error.line, error.param], ['too_many_tasks', null, null]);
  assert.match(error.message, /\b50\b/);
});

test('2.1 limits: a batch input of just as many bytes as allowed completes', async () => {
  const one = jsonl([openaiLine('0', '')]);
  const file = await upload(jsonl([openaiLine('0', 'x'.repeat(20_000 - one.length))]), { target });
  assert.equal(file.bytes, 20_000);
  const request = {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  };
  const batch = (await postJson('/v1/batches', request, { target })).ok();
  assert.equal((await finishedBatch(batch.id, target)).status, 'completed');
});

test('2.1 limits: a batch input of more bytes than allowed fails and names the limit', async () => {
  const file = await upload(jsonl(sequence(3, (id) => openaiLine(id, 'x'.repeat(10_000)))), {
    target,
  });
  const request = {
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  };
  const answer = await postJson('/v1/batches', request, { target });
  if (answer.status !== 200) {
    assert.match(answer.refused(400, 413).message, /20,?000/);
    return;
  }
  const batch = await finishedBatch(answer.json.id, target);
  assert.equal(batch.status, 'failed');
  assert.match(batch.errors.data[0].message, /\b20,?000\b/);
});
