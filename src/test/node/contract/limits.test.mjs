// Limits, on a service whose limits are small: 1000 pending requests, batches of 50 lines and 20,000
// bytes, an endpoint of four slots that takes 20 ms for an answer. The tests share the workspace's
// pending requests, so they run one after the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createBatch,
  createJob,
  eventually,
  exchange,
  finishedBatch,
  finishedJob,
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
  const error = (await submit(file)).refused(400, 403, 409, 413, 422, 429);
  assert.match(error.message, /1,?000/, 'names the limit');
}

test('1.2 limits: a job beyond the pending requests of the workspace is refused', async () => {
  await refusedForPending(await upload(jsonl(lines(1001)), { target }));
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
  assert.match(error.message, /50/);
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
  assert.match(batch.errors.data[0].message, /20,?000/);
});
