// What the same call twice does (section 2: no SDK sends an Idempotency-Key).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  createJob,
  exchange,
  finishedJob,
  get,
  ids,
  jsonl,
  mistralLine,
  openai,
  openaiLine,
  postJson,
  runJob,
  sequence,
  service,
  unique,
  upload,
} from './support.mjs';

const chat = '/v1/chat/completions';

async function request(metadata) {
  const file = await upload(jsonl([openaiLine('0')]));
  return { input_file_id: file.id, endpoint: chat, completion_window: '24h', metadata };
}

describe('2 the same call twice', { concurrency: 8 }, () => {
  test('2 without an Idempotency-Key a POST creates two', async () => {
    const body = await request({ marker: unique() });
    const [one, two] = [
      (await postJson('/v1/batches', body)).ok(),
      (await postJson('/v1/batches', body)).ok(),
    ];
    assert.notEqual(one.id, two.id);
    const list = (await get(`/v1/batch/jobs?marker=${body.metadata.marker}`)).ok();
    assert.deepEqual(new Set(ids(list.data)), new Set([one.id, two.id]));
  });

  test('2 with the same Idempotency-Key a POST creates one, also when both arrive at once', async () => {
    const body = await request({ marker: unique() });
    const options = { headers: { 'Idempotency-Key': randomUUID() } };
    const answers = await Promise.all(sequence(4, () => postJson('/v1/batches', body, options)));
    const made = new Set(answers.map((answer) => answer.ok().id));
    assert.equal(made.size, 1, [...made].join());
    assert.equal((await get(`/v1/batch/jobs?marker=${body.metadata.marker}`)).ok().total, 1);
    const other = { headers: { 'Idempotency-Key': randomUUID() } };
    assert.ok(!made.has((await postJson('/v1/batches', body, other)).ok().id));
  });

  test('2 a POST that the SDK sends again by itself, as its answer was lost, creates one', async () => {
    const body = await request({ marker: unique() });
    let calls = 0;
    const lossy = openai(service, {
      fetch: async (...call) => {
        const answer = await fetch(...call);
        if (++calls === 1) {
          throw new TypeError('fetch failed');
        }
        return answer;
      },
    });
    const batch = await lossy.batches.create(body);
    assert.equal(calls, 2);
    const list = (await get(`/v1/batch/jobs?marker=${body.metadata.marker}`)).ok();
    assert.deepEqual(ids(list.data), [batch.id]);
  });

  test('2 results of the same input twice are the same answers under different line ids', async () => {
    const lines = sequence(5, (id) => mistralLine(id));
    const [one, two] = [await runJob(lines), await runJob(lines)];
    const [first, second] = await Promise.all(
      [one, two].map(async (job) => (await get(`/v1/files/${job.output_file}/content`)).text),
    );
    const bodies = (text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).response.body);
    const linesOf = (text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id);
    assert.deepEqual(
      bodies(first).map((body) => body.choices),
      bodies(second).map((body) => body.choices),
    );
    assert.ok(!linesOf(first).some((id) => linesOf(second).includes(id)));
  });

  test('2 cancelling twice at once gives one cancelled job', async () => {
    const job = await createJob(sequence(100, (id) => mistralLine(id, 'x [[latency:1s]]')));
    const answers = await Promise.all(
      sequence(3, () => exchange('POST', `/v1/batch/jobs/${job.id}/cancel`)),
    );
    for (const answer of answers) {
      assert.ok(['CANCELLATION_REQUESTED', 'CANCELLED'].includes(answer.ok().status));
    }
    assert.equal((await finishedJob(job.id)).status, 'CANCELLED');
  });

  test('2 deleting twice at once leaves nothing, and a later one finds nothing', async () => {
    const file = await upload(jsonl([mistralLine('0')]));
    const path = `/v1/files/${file.id}`;
    const statuses = (await Promise.all(sequence(3, () => exchange('DELETE', path)))).map(
      (answer) => answer.status,
    );
    assert.ok(statuses.includes(200), statuses.join());
    assert.ok(
      statuses.every((status) => [200, 404].includes(status)),
      statuses.join(),
    );
    (await get(path)).refused(404);
    (await exchange('DELETE', path)).refused(404);
  });

  test('2 reading changes nothing', async () => {
    const job = await runJob([mistralLine('0')]);
    assert.deepEqual((await get(`/v1/batch/jobs/${job.id}`)).ok(), job);
    const file = (await get(`/v1/files/${job.output_file}`)).ok();
    assert.deepEqual((await get(`/v1/files/${job.output_file}`)).ok(), file);
  });
});
