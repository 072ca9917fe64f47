// The inference endpoints behind a job (section 5 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createJob,
  eventually,
  finishedBatch,
  finishedJob,
  jsonl,
  mistral,
  mistralLine,
  openai,
  openaiLine,
  readJob,
  resultLines,
  runBatch,
  runJob,
  unique,
  upload,
} from './support.mjs';

const message = { role: 'user', content: 'What is the best French cheese?' };
const model = 'mistral-small-latest';

function hasUsage({ usage }) {
  assert.ok(
    Number.isInteger(usage.prompt_tokens) && Number.isInteger(usage.total_tokens),
    JSON.stringify(usage),
  );
}

function isChat(body) {
  assert.equal(body.object, 'chat.completion');
  assert.ok(Number.isInteger(body.created) && typeof body.id === 'string');
  assert.equal(body.choices[0].message.role, 'assistant');
  assert.ok(['stop', 'length'].includes(body.choices[0].finish_reason));
  hasUsage(body);
}

function hasResults(body) {
  assert.equal(typeof body.id, 'string');
  assert.ok(body.results.length > 0);
}

const mistralEndpoints = {
  '/v1/chat/completions': [{ messages: [message], random_seed: 1 }, isChat],
  '/v1/fim/completions': [{ prompt: 'def f(', suffix: 'return a' }, isChat],
  '/v1/embeddings': [
    { input: ['one', 'two'] },
    (body) => {
      assert.equal(body.object, 'list');
      assert.deepEqual(
        body.data.map((item) => item.index),
        [0, 1],
      );
      assert.ok(body.data.every((item) => item.embedding.every((x) => typeof x === 'number')));
      hasUsage(body);
    },
  ],
  '/v1/moderations': [
    { input: 'text' },
    (body) => {
      hasResults(body);
      assert.ok(body.results[0].categories && body.results[0].category_scores);
    },
  ],
  '/v1/chat/moderations': [{ input: [message] }, hasResults],
  '/v1/classifications': [
    { input: ['text'] },
    (body) => {
      hasResults(body);
      assert.ok(
        Object.values(body.results[0]).every((target) => typeof target.scores === 'object'),
      );
    },
  ],
  '/v1/chat/classifications': [{ input: { messages: [message] } }, hasResults],
  '/v1/ocr': [
    { document: { type: 'document_url', document_url: 'https://example.org/paper.pdf' } },
    (body) => {
      assert.equal(typeof body.pages[0].markdown, 'string');
      assert.ok(Number.isInteger(body.usage_info.pages_processed));
    },
  ],
  '/v1/conversations': [
    { inputs: 'Hello', completion_args: { temperature: 0.3 } },
    (body) => {
      assert.equal(body.object, 'conversation.response');
      assert.ok(body.outputs.length > 0);
      hasUsage(body);
    },
  ],
  '/v1/audio/transcriptions': [
    { file_url: 'https://example.org/speech.mp3' },
    (body) => {
      assert.equal(typeof body.text, 'string');
      assert.ok('language' in body && Array.isArray(body.segments));
      hasUsage(body);
    },
  ],
};

const openaiEndpoints = {
  '/v1/chat/completions': [{ messages: [message], seed: 1 }, isChat],
  '/v1/completions': [
    { prompt: 'Once upon a time' },
    (body) => {
      assert.equal(body.object, 'text_completion');
      assert.equal(typeof body.choices[0].text, 'string');
      hasUsage(body);
    },
  ],
  '/v1/embeddings': [
    { input: 'text' },
    (body) => {
      assert.equal(body.data.length, 1);
      assert.equal(body.data[0].object, 'embedding');
      assert.ok(body.data[0].embedding.every((x) => typeof x === 'number'));
      hasUsage(body);
    },
  ],
  '/v1/moderations': [{ input: ['text'] }, hasResults],
  '/v1/responses': [
    { input: 'Hello', max_output_tokens: 20 },
    (body) => {
      assert.equal(body.object, 'response');
      assert.ok(Array.isArray(body.output));
      assert.ok(
        Number.isInteger(body.usage.input_tokens) && Number.isInteger(body.usage.output_tokens),
      );
    },
  ],
};

describe('5 endpoints', { concurrency: 8 }, () => {
  for (const [endpoint, [body, check]] of Object.entries(mistralEndpoints)) {
    test(`5 ${endpoint}: a job of Mistral's SDK`, async () => {
      const client = mistral();
      const job = await client.batch.jobs.create({
        requests: [{ customId: '0', body }],
        endpoint,
        model,
      });
      const done = await finishedJob(job.id);
      assert.deepEqual(
        [done.status, done.succeeded_requests],
        ['SUCCESS', 1],
        JSON.stringify(done),
      );
      const [output] = (await client.batch.jobs.get({ jobId: job.id })).outputs;
      assert.equal(output.response.status_code, 200);
      check(output.response.body);
    });
  }

  for (const [endpoint, [body, check]] of Object.entries(openaiEndpoints)) {
    test(`5 ${endpoint}: a batch of OpenAI's SDK`, async () => {
      const line = {
        custom_id: '0',
        method: 'POST',
        url: endpoint,
        body: { model: 'gpt-5-mini', ...body },
      };
      const file = await upload(jsonl([line]));
      const created = await openai().batches.create({
        input_file_id: file.id,
        endpoint,
        completion_window: '24h',
      });
      const batch = await finishedBatch(created.id);
      assert.equal(batch.status, 'completed', JSON.stringify(batch.errors));
      check((await resultLines(batch.output_file_id)).get('0').response.body);
    });
  }

  test('5 /v1/ocr: a document without type, as the batch documentation has it', async () => {
    const body = { document: { document_url: 'https://example.org/paper.pdf' } };
    const job = await runJob([{ custom_id: '0', body }], { endpoint: '/v1/ocr' });
    assert.equal(job.succeeded_requests, 1);
  });

  test('5 /v1/audio/transcriptions: file_id and fields that are repeated', async () => {
    const body = {
      file_id: unique('audio'),
      language: 'fr',
      diarize: true,
      timestamp_granularities: ['segment', 'word'],
    };
    const endpoint = '/v1/audio/transcriptions';
    const job = await runJob([{ custom_id: '0', body }], { endpoint });
    const line = (await resultLines(job.output_file)).get('0');
    assert.equal(typeof line.response.body.text, 'string');
    assert.equal(line.response.body.model, model);
  });

  test('5 /v1/completions: a prompt of tokens; /v1/embeddings: inputs of tokens', async () => {
    for (const [endpoint, body] of [
      ['/v1/completions', { model, prompt: [1, 2, 3] }],
      ['/v1/embeddings', { model, input: [[1, 2, 3], [4]] }],
    ]) {
      const line = { custom_id: '0', method: 'POST', url: endpoint, body };
      await runBatch([line], { endpoint });
    }
  });

  for (const endpoint of [
    '/v1/images/generations',
    '/v1/images/edits',
    '/v1/videos',
    '/v1/models',
  ]) {
    test(`5 ${endpoint} is not served and refused at creation`, async () => {
      const file = await upload(jsonl([openaiLine('0')]));
      const created = openai().batches.create({
        input_file_id: file.id,
        endpoint,
        completion_window: '24h',
      });
      await assert.rejects(created, { status: 400, code: 'invalid_value', param: 'endpoint' });
    });
  }
});

describe('5 the retry set of the executor', { concurrency: 8 }, () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    test(`5 retry set: ${status} is tried again`, async () => {
      const job = await runJob([
        mistralLine('0', `${unique()} [[fault:http_${status}*1]] [[retry-after:1]]`),
      ]);
      assert.equal(job.succeeded_requests, 1);
    });
  }

  for (const status of [400, 413, 422]) {
    test(`5 retry set: ${status} is not tried again`, async () => {
      const job = await runJob([
        mistralLine('good'),
        mistralLine('0', `${unique()} [[fault:http_${status}*1]]`),
      ]);
      assert.equal(job.failed_requests, 1);
      assert.equal((await resultLines(job.error_file)).get('0').response.status_code, status);
    });
  }

  for (const fault of ['reset_before_answer', 'reset_mid_body']) {
    test(`5 retry set: a connection error is tried again (${fault})`, async () => {
      const job = await runJob([mistralLine('0', `${unique()} [[fault:${fault}*1]]`)]);
      assert.equal(job.succeeded_requests, 1);
    });
  }

  test('5 retry set: a complete answer that is no JSON is kept, not bought again', async () => {
    const job = await runJob([
      mistralLine('good'),
      mistralLine('0', `${unique()} [[fault:truncated_json*1]]`),
    ]);
    const row = (await resultLines(job.error_file)).get('0');
    assert.equal(row.error.code, 'invalid_response');
    assert.equal(row.response.status_code, 200);
  });

  test('5 retry set: 403 of a request is not tried again once others were answered', async () => {
    // In order, so that the refusal comes after the first success.
    const job = await runJob([
      mistralLine('good'),
      mistralLine('0', `${unique()} [[latency:2s]] [[fault:http_403*1]]`),
    ]);
    assert.equal((await resultLines(job.error_file)).get('0').response.status_code, 403);
  });

  test('5 retry set: 401 is no fault of a request: the job says so, waits and goes on', async () => {
    const created = await createJob([mistralLine('0', `${unique()} [[fault:http_401*1]]`)]);
    const waiting = await eventually('the job says what is wrong', async () => {
      const job = await readJob(created.id);
      return job.errors.length > 0 ? job : null;
    });
    assert.ok(['QUEUED', 'RUNNING'].includes(waiting.status), waiting.status);
    assert.equal(waiting.failed_requests, 0);
    const job = await finishedJob(created.id);
    assert.deepEqual([job.status, job.succeeded_requests, job.errors], ['SUCCESS', 1, []]);
  });

  test('5 retry set: 404 of a request is not tried again', async () => {
    const job = await runJob([
      mistralLine('good'),
      mistralLine('0', `${unique()} [[fault:model_not_found*1]]`),
    ]);
    assert.equal(job.failed_requests, 1);
  });
});
