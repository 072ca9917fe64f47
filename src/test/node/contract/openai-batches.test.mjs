// Batches as OpenAI's SDKs use them (sections 2.2 and 2.4 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import {
  OPENAI_ENDS,
  createBatch,
  createJob,
  eventually,
  exchange,
  failedBatch,
  finishedBatch,
  get,
  ids,
  isSuccess,
  isUnixSeconds,
  jsonl,
  mistralLine,
  once,
  openai,
  openaiLine,
  otherWorkspace,
  postJson,
  readBatch,
  rejection,
  resultLines,
  runBatch,
  sequence,
  unique,
  upload,
} from './support.mjs';

const client = openai();
const chat = '/v1/chat/completions';
const slow = (count = 200) => sequence(count, (id) => openaiLine(id, 'x [[latency:2s]]'));
const metadata = { customer_id: 'user_123456789' };
const mixed = once(() =>
  runBatch([openaiLine('good'), openaiLine('better'), openaiLine('bad', 'x [[fault:http_400]]')], {
    metadata,
  }),
);

describe('2.2 routes', { concurrency: 8 }, () => {
  test('2.2 POST /batches: validating, zero counts, and the request echoed', async () => {
    const file = await upload(jsonl([openaiLine('0')]));
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: chat,
      completion_window: '24h',
      metadata,
    });
    assert.match(batch.id, /^batch_[0-9a-f]{32}$/);
    assert.equal(batch.status, 'validating');
    assert.equal(batch.input_file_id, file.id);
    assert.equal(batch.endpoint, chat);
    assert.equal(batch.completion_window, '24h');
    assert.deepEqual(batch.metadata, metadata);
    assert.deepEqual(batch.request_counts, { total: 0, completed: 0, failed: 0 });
    assert.deepEqual([batch.errors, batch.output_file_id, batch.error_file_id], [null, null, null]);
    assert.equal((await finishedBatch(batch.id)).status, 'completed');
  });

  for (const endpoint of [
    '/v1/responses',
    chat,
    '/v1/embeddings',
    '/v1/completions',
    '/v1/moderations',
  ]) {
    test(`2.2 POST /batches, endpoint: ${endpoint} is known`, async () => {
      const body = {
        model: 'm',
        messages: [{ role: 'user', content: 'x' }],
        input: 'x',
        prompt: 'x',
      };
      const batch = await createBatch([{ custom_id: '0', method: 'POST', url: endpoint, body }], {
        endpoint,
      });
      assert.equal(batch.endpoint, endpoint);
      assert.equal((await finishedBatch(batch.id)).status, 'completed');
    });
  }

  test('2.2 POST /batches, metadata: 16 pairs, key up to 64, value up to 512 characters', async () => {
    const pairs = (count) => Object.fromEntries(sequence(count, (id) => [`k${id}`, 'v']));
    // Characters, of which some are two in UTF-16.
    for (const character of ['v', '😀']) {
      const most = { ...pairs(14), [character.repeat(64)]: character.repeat(512), empty: '' };
      assert.deepEqual((await createBatch([openaiLine('0')], { metadata: most })).metadata, most);
    }
    assert.equal((await createBatch([openaiLine('0')])).metadata ?? null, null);
    const file = await upload(jsonl([openaiLine('0')]));
    for (const bad of [
      pairs(17),
      { ['k'.repeat(65)]: 'v' },
      { k: 'v'.repeat(513) },
      { k: '😀'.repeat(513) },
      'x',
      [],
    ]) {
      const request = {
        input_file_id: file.id,
        endpoint: chat,
        completion_window: '24h',
        metadata: bad,
      };
      (await postJson('/v1/batches', request)).refused(400);
    }
  });

  test('2.2 POST /batches, output_expires_after: seconds after creation at which the results expire', async () => {
    const batch = await runBatch([openaiLine('0')], {
      output_expires_after: { anchor: 'created_at', seconds: 7200 },
    });
    const output = await client.files.retrieve(batch.output_file_id);
    assert.equal(output.expires_at, output.created_at + 7200);
    const file = await upload(jsonl([openaiLine('0')]));
    const create = (after) =>
      postJson('/v1/batches', {
        input_file_id: file.id,
        endpoint: chat,
        completion_window: '24h',
        output_expires_after: after,
      });
    for (const seconds of [3600, 2_592_000]) {
      (await create({ anchor: 'created_at', seconds })).ok();
    }
    for (const after of [
      { anchor: 'created_at', seconds: 3599 },
      { anchor: 'created_at', seconds: 2_592_001 },
      { anchor: 'created_at', seconds: 'x' },
      { anchor: 'created_at' },
      { anchor: 'deleted_at', seconds: 7200 },
      { seconds: 7200 },
      7200,
    ]) {
      assert.match((await create(after)).refused(400).param, /^(output_expires_after|anchor)/);
    }
  });

  test('2.2 GET /batches/{id}', async () => {
    const batch = await mixed();
    assert.deepEqual((await client.batches.retrieve(batch.id)).request_counts, {
      total: 3,
      completed: 2,
      failed: 1,
    });
  });

  test('2.2 GET /batches/{id}: an unknown id is a 404 with the id in its words', async () => {
    const error = await rejection(client.batches.retrieve('batch_abc123'));
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.match(error.message, /No batch found with id 'batch_abc123'\./);
    const cancel = await rejection(client.batches.cancel('batch_abc123'));
    assert.ok(cancel instanceof OpenAI.NotFoundError);
  });

  test('2.2 GET /batches, after, limit: newest first, every batch once', async () => {
    const target = otherWorkspace;
    const made = [];
    for (let number = 0; number < 5; number++) {
      made.push((await createBatch([openaiLine('0')], { target })).id);
    }
    const seen = [];
    for await (const batch of openai(target).batches.list({ limit: 2 })) {
      seen.push(batch.id);
    }
    assert.deepEqual(
      seen.filter((id) => made.includes(id)),
      made.toReversed(),
    );
    assert.equal(new Set(seen).size, seen.length);
    const page = (await get(`/v1/batches?limit=2&after=${made[3]}`, { target })).ok();
    assert.equal(page.object, 'list');
    assert.deepEqual(ids(page.data), [made[2], made[1]]);
    assert.equal(page.first_id, made[2]);
    assert.equal(page.last_id, made[1]);
    assert.equal(page.has_more, true);
    const oldest = seen.at(-1);
    const end = (await get(`/v1/batches?after=${oldest}`, { target })).ok();
    assert.deepEqual([end.data, end.has_more, end.first_id, end.last_id], [[], false, null, null]);
  });

  test('2.2 GET /batches, limit: 1 to 100, default 20', async () => {
    for (const limit of ['0', '101', '-1', 'x']) {
      (await get(`/v1/batches?limit=${limit}`)).refused(400, 422);
    }
    (await get('/v1/batches?limit=100')).ok();
    const page = (await get('/v1/batches')).ok();
    assert.ok(page.data.length === 20 || (page.data.length < 20 && !page.has_more));
  });

  test('2.2 GET /batches, after: an id that is in no list is refused or has nothing behind it', async () => {
    const answer = await get('/v1/batches?after=batch_unknown');
    if (answer.status === 200) {
      assert.deepEqual([answer.json.data, answer.json.has_more], [[], false]);
    } else {
      answer.refused(400, 404);
    }
  });

  test('2.2 GET /batches: a job of the other API is listed here too', async () => {
    const job = await createJob([mistralLine('0')]);
    assert.equal((await readBatch(job.id)).id, job.id);
    let found = false;
    for await (const batch of client.batches.list({ limit: 100 })) {
      found ||= batch.id === job.id;
    }
    assert.ok(found);
  });

  test('2.2 cancel: cancelling, then cancelled with partial results in the output file', async () => {
    const lines = sequence(400, (id, index) =>
      openaiLine(id, index < 20 ? 'quick' : 'x [[latency:1s]]'),
    );
    const created = await createBatch(lines);
    await eventually('some requests are done', async () =>
      (await readBatch(created.id)).request_counts.completed > 0 ? true : null,
    );
    const cancelling = await client.batches.cancel(created.id);
    assert.equal(cancelling.status, 'cancelling');
    assert.ok(isUnixSeconds(cancelling.cancelling_at));
    const batch = await finishedBatch(created.id);
    assert.equal(batch.status, 'cancelled');
    assert.ok(isUnixSeconds(batch.cancelled_at) && batch.cancelled_at >= batch.cancelling_at);
    const output = await resultLines(batch.output_file_id);
    assert.ok(output.size >= 1 && output.size < 400);
    assert.ok([...output.values()].every(isSuccess));
  });

  test('2.2 cancel: a completed or failed batch is a 409 that says so', async () => {
    const failed = await failedBatch(['{"custom_id":"0"}']);
    for (const batch of [await mixed(), failed]) {
      const error = (await exchange('POST', `/v1/batches/${batch.id}/cancel`)).refused(409);
      assert.equal(error.message, `Cannot cancel a batch with status '${batch.status}'.`);
      assert.deepEqual(
        [error.type, error.param, error.code],
        ['invalid_request_error', null, null],
      );
    }
  });

  test('2.2 cancel: a cancelled one may be cancelled again', async () => {
    const batch = await createBatch(slow());
    await client.batches.cancel(batch.id);
    await finishedBatch(batch.id);
    assert.equal((await client.batches.cancel(batch.id)).status, 'cancelled');
  });
});

describe('2.2 Batch', { concurrency: 8 }, () => {
  const absent = (value) => value === null || value === undefined;
  const forms = {
    id: (value) => /^batch_[0-9a-f]{32}$/.test(value),
    object: (value) => value === 'batch',
    endpoint: (value) => value === chat,
    model: (value) => absent(value) || value === 'gpt-5-mini',
    errors: absent,
    input_file_id: (value) => typeof value === 'string',
    completion_window: (value) => value === '24h',
    status: (value) => value === 'completed',
    output_file_id: (value) => typeof value === 'string',
    error_file_id: (value) => typeof value === 'string',
    created_at: isUnixSeconds,
    in_progress_at: isUnixSeconds,
    expires_at: (value, batch) => value === batch.created_at + 86_400,
    finalizing_at: isUnixSeconds,
    completed_at: isUnixSeconds,
    failed_at: absent,
    expired_at: absent,
    cancelling_at: absent,
    cancelled_at: absent,
    metadata: (value) => value.customer_id === 'user_123456789',
  };
  for (const [field, holds] of Object.entries(forms)) {
    test(`2.2 Batch, ${field}: of a completed batch`, async () => {
      const batch = await client.batches.retrieve((await mixed()).id);
      assert.ok(holds(batch[field], batch), `${field} of ${JSON.stringify(batch)}`);
    });
  }

  test('2.2 Batch, request_counts: {total, completed, failed}', async () => {
    assert.deepEqual((await mixed()).request_counts, { total: 3, completed: 2, failed: 1 });
  });

  test('2.2 Batch, usage: all fields inside, summed over the answers', async () => {
    const batch = await mixed();
    const { usage } = batch;
    const sum = { input: 0, output: 0 };
    for (const line of (await resultLines(batch.output_file_id)).values()) {
      sum.input += line.response.body.usage.prompt_tokens;
      sum.output += line.response.body.usage.completion_tokens;
    }
    assert.ok(sum.input > 0 && sum.output > 0);
    assert.equal(usage.input_tokens, sum.input);
    assert.equal(usage.output_tokens, sum.output);
    assert.equal(usage.total_tokens, sum.input + sum.output);
    assert.ok(Number.isInteger(usage.input_tokens_details.cached_tokens));
    assert.ok(Number.isInteger(usage.output_tokens_details.reasoning_tokens));
  });

  test('2.2 statuses: validating, in_progress, finalizing, completed in this order', async () => {
    const order = ['validating', 'in_progress', 'finalizing', 'completed'];
    const created = await createBatch(sequence(20, (id) => openaiLine(id, 'x [[latency:300ms]]')));
    const seen = [order.indexOf(created.status)];
    const batch = await eventually('the batch has ended', async () => {
      const now = await readBatch(created.id);
      seen.push(order.indexOf(now.status));
      return OPENAI_ENDS.includes(now.status) ? now : null;
    });
    assert.deepEqual(seen, seen.toSorted(), seen.map((index) => order[index]).join());
    assert.ok(!seen.includes(-1) && seen.includes(1), seen.join());
    const times = [batch.created_at, batch.in_progress_at, batch.finalizing_at, batch.completed_at];
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  test('2.2 statuses: a batch in which every request failed is completed, without an output file', async () => {
    const batch = await runBatch(sequence(3, (id) => openaiLine(id, 'x [[fault:http_400]]')));
    assert.equal(batch.output_file_id ?? null, null);
    assert.equal(typeof batch.error_file_id, 'string');
    assert.deepEqual(batch.request_counts, { total: 3, completed: 0, failed: 3 });
  });

  test('2.2 statuses: without a failed request there is no error file', async () => {
    const batch = await runBatch([openaiLine('0')]);
    assert.equal(batch.error_file_id ?? null, null);
  });
});

describe('2.4 line schemas', { concurrency: 8 }, () => {
  test('2.4 input: custom_id, method, url, body; results are matched by custom_id', async () => {
    const batch = await runBatch(sequence(50, (id) => openaiLine(`request-${id}`, `Number ${id}`)));
    const output = await resultLines(batch.output_file_id);
    assert.deepEqual(new Set(output.keys()), new Set(sequence(50, (id) => `request-${id}`)));
  });

  test('2.4 output: {id, custom_id, response: {status_code, request_id, body}, error: null}', async () => {
    const line = (await resultLines((await mixed()).output_file_id)).get('good');
    assert.match(line.id, /^batch_req_/);
    assert.equal(line.response.status_code, 200);
    assert.ok(typeof line.response.request_id === 'string' && line.response.request_id.length > 0);
    assert.equal(line.response.body.object, 'chat.completion');
    assert.strictEqual(line.error, null);
  });

  test('2.4 error file, HTTP-level refusal: response with its status and body.error, error null', async () => {
    const line = (await resultLines((await mixed()).error_file_id)).get('bad');
    assert.match(line.id, /^batch_req_/);
    assert.equal(line.response.status_code, 400);
    assert.equal(typeof line.response.body.error.message, 'string');
    assert.strictEqual(line.error, null);
  });

  test('2.4 error file, HTTP-level refusal: context_length_exceeded', async () => {
    const batch = await runBatch([openaiLine('0', 'x [[fault:context_length]]'), openaiLine('1')]);
    const line = (await resultLines(batch.error_file_id)).get('0');
    assert.equal(line.response.body.error.code, 'context_length_exceeded');
  });

  test('2.4 error file, not executed: response null, error.code batch_cancelled', async () => {
    const created = await createBatch(slow(300), { metadata: { marker: unique() } });
    await client.batches.cancel(created.id);
    const batch = await finishedBatch(created.id);
    const errors = await resultLines(batch.error_file_id);
    const output = await resultLines(batch.output_file_id ?? null);
    assert.equal(errors.size + output.size, 300);
    const [line] = [...errors.values()].filter((item) => item.error?.code === 'batch_cancelled');
    assert.match(line.id, /^batch_req_/);
    assert.strictEqual(line.response, null);
    assert.equal(typeof line.error.message, 'string');
  });

  test('2.4 error file, no answer: never a success in a reader of results', async () => {
    const batch = await runBatch([
      openaiLine('reset', 'x [[fault:reset_mid_body]]'),
      openaiLine('cut', 'x [[fault:truncated_json]]'),
      openaiLine('html', 'x [[fault:wrong_content_type]]'),
      openaiLine('good'),
    ]);
    const output = await resultLines(batch.output_file_id);
    const errors = await resultLines(batch.error_file_id);
    assert.deepEqual([...output.keys()], ['good']);
    assert.deepEqual([...errors.keys()].toSorted(), ['cut', 'html', 'reset']);
    assert.ok(![...errors.values()].some(isSuccess));
  });

  test('2.4 error file: a body that is an error object is no success, whatever its status', async () => {
    const batch = await runBatch([
      openaiLine('lie', 'x [[fault:error_with_200]]'),
      openaiLine('good'),
    ]);
    assert.deepEqual([...(await resultLines(batch.output_file_id)).keys()], ['good']);
    assert.deepEqual([...(await resultLines(batch.error_file_id ?? null)).keys()], ['lie']);
  });
});
