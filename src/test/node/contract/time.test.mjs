// A job whose time runs out while it runs (sections 1.2, 2.2 and 2.4 of the contract). No client can
// ask for less than an hour, so the job was there before the service was.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  MISTRAL_ENDS,
  assertErrorBody,
  eventually,
  exchange,
  isSuccess,
  isUnixSeconds,
  lateWorkspace as target,
  mistral,
  once,
  openai,
  readJob,
  resultLines,
} from './support.mjs';

const QUICK = 20;
const ALL = 24;

/** The statuses that both clients saw, and the job once it was over. */
const watched = once(async () => {
  const ours = new Set();
  const theirs = new Set();
  const [{ id }] = (await mistral(target).batch.jobs.list()).data;
  const job = await eventually(
    'the job is over',
    async () => {
      theirs.add((await openai(target).batches.retrieve(id)).status);
      const now = await readJob(id, target);
      ours.add(now.status);
      return MISTRAL_ENDS.includes(now.status) ? now : null;
    },
    150_000,
  );
  return { job, ours: [...ours], theirs: [...theirs] };
});

describe('1.2 TIMEOUT_EXCEEDED', { concurrency: 8 }, () => {
  test('1.2 statuses: RUNNING, TIMEOUT_EXCEEDED; what was answered is kept', async () => {
    const { job, ours } = await watched();
    assert.equal(job.status, 'TIMEOUT_EXCEEDED');
    assert.ok(
      ours.every((status) => ['QUEUED', 'RUNNING', 'TIMEOUT_EXCEEDED'].includes(status)),
      ours.join(),
    );
    assert.deepEqual(
      [job.total_requests, job.succeeded_requests, job.failed_requests, job.completed_requests],
      [ALL, QUICK, ALL - QUICK, ALL],
    );
    const output = await resultLines(job.output_file, target);
    assert.equal(output.size, QUICK);
    assert.ok([...output.values()].every(isSuccess));
  });

  test('trap 5: completed_at is an integer after TIMEOUT_EXCEEDED', async () => {
    const { job } = await watched();
    assert.ok(isUnixSeconds(job.completed_at), JSON.stringify(job));
    assert.ok(job.completed_at >= job.created_at + job.timeout_hours * 3600);
  });

  test('1.2 status: TIMEOUT_EXCEEDED as a filter, through the SDK', async () => {
    const { job } = await watched();
    const client = mistral(target);
    const found = await client.batch.jobs.list({ status: ['TIMEOUT_EXCEEDED'] });
    assert.deepEqual([found.total, found.data[0].id], [1, job.id]);
    assert.equal((await client.batch.jobs.list({ status: ['RUNNING'] })).total, 0);
  });

  test('2.2 statuses: in_progress, expired when the window has closed, the finished part kept', async () => {
    const { job, theirs } = await watched();
    assert.ok(
      theirs.every((status) =>
        ['validating', 'in_progress', 'finalizing', 'expired'].includes(status),
      ),
      theirs.join(),
    );
    const batch = await openai(target).batches.retrieve(job.id);
    assert.equal(batch.status, 'expired');
    assert.ok(isUnixSeconds(batch.expired_at) && batch.expired_at >= batch.expires_at);
    assert.equal(batch.expires_at, batch.created_at + 3600);
    for (const other of ['completed_at', 'failed_at', 'cancelling_at', 'cancelled_at']) {
      assert.equal(batch[other] ?? null, null, other);
    }
    assert.deepEqual(batch.request_counts, { total: ALL, completed: QUICK, failed: ALL - QUICK });
    assert.deepEqual(
      [batch.output_file_id, batch.error_file_id],
      [job.output_file, job.error_file],
    );
  });

  test('2.4 error file, not executed: response null, error.code batch_expired', async () => {
    const { job } = await watched();
    const errors = await resultLines(job.error_file, target);
    assert.equal(errors.size, ALL - QUICK);
    for (const line of errors.values()) {
      assert.match(line.id, /^batch_req_/);
      assert.strictEqual(line.response, null);
      assert.equal(typeof line.error.message, 'string');
      assert.equal(line.error.code, 'batch_expired');
    }
  });

  test('2.2 cancel: an expired batch is a 409 that says so, on both routes', async () => {
    const { job } = await watched();
    const theirs = await exchange('POST', `/v1/batches/${job.id}/cancel`, { target });
    assert.equal(theirs.refused(409).message, "Cannot cancel a batch with status 'expired'.");
    assert.equal(theirs.headers['x-should-retry'], 'false');
    const ours = await exchange('POST', `/v1/batch/jobs/${job.id}/cancel`, { target });
    assertErrorBody(ours.refused(409));
    assert.equal((await readJob(job.id, target)).status, 'TIMEOUT_EXCEEDED');
  });
});
