// What is wrong with a batch, and when it is said (section 2.3 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import {
  createBatch,
  exchange,
  failedBatch,
  finishedBatch,
  finishedJob,
  isUnixSeconds,
  jsonl,
  once,
  openai,
  openaiLine,
  otherWorkspace,
  postJson,
  postMultipart,
  rejection,
  resultLines,
  runBatch,
  upload,
} from './support.mjs';

const client = openai();
const chat = '/v1/chat/completions';
const input = once(() => upload(jsonl([openaiLine('0')])));

async function refusedAtCreation(more) {
  const request = {
    input_file_id: (await input()).id,
    endpoint: chat,
    completion_window: '24h',
    ...more,
  };
  const error = await rejection(client.batches.create(request));
  assert.ok(error instanceof OpenAI.BadRequestError, String(error));
  assert.equal(error.type, 'invalid_request_error');
  return error;
}

function withoutField(field) {
  const line = openaiLine('1');
  delete line[field];
  return line;
}

/** Fails a batch over these lines and checks that this is what it says is wrong, and nothing else. */
async function failsWith(lines, expected, options) {
  const batch = await failedBatch(lines, options);
  assert.ok(isUnixSeconds(batch.failed_at));
  assert.equal(batch.errors.object, 'list');
  const wanted = Array.isArray(expected) ? expected : [expected];
  const told = batch.errors.data.map((error, index) => {
    for (const field of ['code', 'message', 'param', 'line']) {
      assert.ok(field in error, field);
    }
    return Object.fromEntries(Object.keys(wanted[index] ?? error).map((key) => [key, error[key]]));
  });
  assert.deepEqual(told, wanted);
  assert.equal(batch.output_file_id ?? null, null);
  return batch;
}

describe('2.3 at creation', { concurrency: 8 }, () => {
  test('2.3 endpoint not supported: 400 invalid_value, param endpoint, the supported values', async () => {
    const error = await refusedAtCreation({ endpoint: '/v1/invalid/endpoint' });
    assert.match(
      error.message,
      /Invalid value: '\/v1\/invalid\/endpoint'\. Supported values are: .*\/v1\/chat\/completions/,
    );
    assert.deepEqual([error.param, error.code], ['endpoint', 'invalid_value']);
  });

  test('2.3 completion_window not 24h: 400 naming it', async () => {
    for (const window of ['1h', '48h', '', 24]) {
      const error = await refusedAtCreation({ completion_window: window });
      assert.match(error.message, /completion_window|24h/);
      assert.equal(error.param, 'completion_window');
    }
  });

  for (const field of ['input_file_id', 'endpoint', 'completion_window']) {
    test(`2.3 required field absent: ${field}`, async () => {
      const error = await refusedAtCreation({ [field]: undefined });
      assert.match(error.message, new RegExp(`Missing required parameter: '${field}'\\.`));
      assert.deepEqual([error.param, error.code], [field, 'missing_required_parameter']);
    });
  }

  test('2.3 metadata value not a string: invalid_type, param metadata.tags', async () => {
    const error = await refusedAtCreation({ metadata: { tags: ['a'] } });
    assert.match(
      error.message,
      /Invalid type for 'metadata\.tags': expected a string, but got an array instead\./,
    );
    assert.deepEqual([error.param, error.code], ['metadata.tags', 'invalid_type']);
    const number = await refusedAtCreation({ metadata: { n: 1 } });
    assert.deepEqual([number.param, number.code], ['metadata.n', 'invalid_type']);
  });

  test('2.3 a body that is no JSON object', async () => {
    for (const body of ['', '{', '[]', '"x"', 'null', '{} {}']) {
      (await postJson('/v1/batches', body)).refused(400);
    }
    const typeless = await exchange('POST', '/v1/batches', { body: '{}' });
    typeless.refused(400, 415);
  });
});

describe('2.3 of the file', { concurrency: 8 }, () => {
  test('2.3 invalid_request, param file_id: an unknown input_file_id is no 404 but a failed batch', async () => {
    for (const id of ['file-unknown', '00000000-0000-4000-8000-000000000000', '../../etc/passwd']) {
      const created = await client.batches.create({
        input_file_id: id,
        endpoint: chat,
        completion_window: '24h',
      });
      const batch = await finishedBatch(created.id);
      assert.equal(batch.status, 'failed');
      const [error] = batch.errors.data;
      assert.deepEqual([error.code, error.line, error.param], ['invalid_request', null, 'file_id']);
      assert.match(error.message, /Cannot find file .*, or .* does not have access to it\./);
    }
  });

  test('2.3 invalid_json_line: line n', async () => {
    await failsWith(jsonl([openaiLine('0')]) + 'not json\n' + jsonl([openaiLine('2')]), {
      code: 'invalid_json_line',
      line: 2,
      param: null,
      message: 'This line is not parseable as valid JSON.',
    });
  });

  for (const field of ['custom_id', 'method', 'url', 'body']) {
    test(`2.3 missing_required_parameter: ${field}`, async () => {
      await failsWith([openaiLine('0'), withoutField(field)], {
        code: 'missing_required_parameter',
        line: 2,
        param: field,
        message: `Missing required parameter: '${field}'.`,
      });
    });
  }

  test('2.3 invalid_request: body.model', async () => {
    const line = openaiLine('1');
    delete line.body.model;
    await failsWith([openaiLine('0'), line], {
      code: 'invalid_request',
      line: 2,
      param: 'body.model',
      message: 'Model parameter is required.',
    });
  });

  test('2.3 invalid_request: body.messages', async () => {
    const line = openaiLine('1');
    delete line.body.messages;
    await failsWith([openaiLine('0'), line], {
      code: 'invalid_request',
      line: 2,
      param: 'body.messages',
      message: 'Messages parameter is required.',
    });
  });

  test('2.3 invalid_url: the URL does not match the batch endpoint', async () => {
    await failsWith([openaiLine('0'), { ...openaiLine('1'), url: '/v1/embeddings' }], {
      code: 'invalid_url',
      line: 2,
      param: 'url',
      message: 'The URL provided for this request does not match the batch endpoint.',
    });
  });

  test('2.3 model_not_found: where the endpoint alone knows its models, an error line of that request', async () => {
    const batch = await runBatch([openaiLine('0'), openaiLine('1', 'x [[fault:model_not_found]]')]);
    const line = (await resultLines(batch.error_file_id)).get('1');
    assert.equal(line.response.status_code, 404);
    assert.equal(line.response.body.error.code, 'model_not_found');
  });

  test('2.3 streaming_unsupported: body.stream', async () => {
    await failsWith([openaiLine('0'), openaiLine('1', 'x', { stream: true })], {
      code: 'streaming_unsupported',
      line: 2,
      param: 'body.stream',
      message: 'Chat Completions: Streaming is not supported in the Batch API.',
    });
    await runBatch([openaiLine('0', 'x', { stream: false })]);
  });

  test('2.3 mismatched_model: two models in one batch', async () => {
    const batch = await failedBatch([
      openaiLine('0'),
      openaiLine('1', 'x', { model: 'gpt-5-nano' }),
    ]);
    const [error] = batch.errors.data;
    assert.deepEqual([error.code, error.param], ['mismatched_model', null]);
    assert.equal(error.message, 'Each batch must contain requests for a single model');
    assert.ok(error.line === null || error.line === 2);
  });

  test('2.3 duplicate_custom_id', async () => {
    await failsWith([openaiLine('0'), openaiLine('1'), openaiLine('0')], {
      code: 'duplicate_custom_id',
      line: 3,
      param: 'custom_id',
      message: 'The custom ID for this request is a duplicate of the custom ID in another request.',
    });
  });

  test("2.3 invalid_request, param file_id: another workspace's file is as unknown as none", async () => {
    const foreign = await upload(jsonl([openaiLine('0')]), { target: otherWorkspace });
    const created = await client.batches.create({
      input_file_id: foreign.id,
      endpoint: chat,
      completion_window: '24h',
    });
    const batch = await finishedBatch(created.id);
    assert.equal(batch.status, 'failed');
    const [error] = batch.errors.data;
    assert.deepEqual([error.code, error.line, error.param], ['invalid_request', null, 'file_id']);
    assert.match(error.message, /Cannot find file .*, or .* does not have access to it\./);
    assert.deepEqual(batch.request_counts, { total: 0, completed: 0, failed: 0 });
  });

  test('2.3 invalid_request: what other endpoints need', async () => {
    for (const [endpoint, field] of [
      ['/v1/completions', 'prompt'],
      ['/v1/embeddings', 'input'],
      ['/v1/responses', 'input'],
      ['/v1/moderations', 'input'],
    ]) {
      const line = { custom_id: '0', method: 'POST', url: endpoint, body: { model: 'm' } };
      const expected = { code: 'invalid_request', line: 1, param: `body.${field}` };
      await failsWith([line], expected, { endpoint });
    }
  });

  test('2.3 empty_file: a batch over a file that came in for another purpose', async () => {
    for (const content of ['', '\n \r\n\n']) {
      const parts = [
        ['purpose', 'user_data'],
        ['file', content, { filename: 'blank.jsonl' }],
      ];
      const file = (await postMultipart('/v1/files', parts)).ok();
      const created = await client.batches.create({
        input_file_id: file.id,
        endpoint: chat,
        completion_window: '24h',
      });
      const batch = await finishedBatch(created.id);
      assert.equal(batch.status, 'failed');
      assert.deepEqual(batch.errors.data, [
        {
          code: 'empty_file',
          message:
            'The input file is empty. Please ensure that the batch contains at least one request.',
          param: null,
          line: null,
        },
      ]);
    }
  });

  test('2.3 empty_file: a file without a request, refused as an upload or as a batch', async () => {
    const parts = [
      ['purpose', 'batch'],
      ['file', '\n \r\n\n', { filename: 'blank.jsonl' }],
    ];
    const answer = await postMultipart('/v1/files', parts);
    if (answer.status !== 200) {
      answer.refused(400);
      return;
    }
    const created = await client.batches.create({
      input_file_id: answer.json.id,
      endpoint: chat,
      completion_window: '24h',
    });
    const batch = await finishedBatch(created.id);
    assert.equal(batch.status, 'failed');
    const [error] = batch.errors.data;
    assert.ok(['empty_file', 'empty_batch'].includes(error.code), error.code);
    assert.deepEqual([error.line, error.param], [null, null]);
    assert.equal(
      error.message,
      'The input file is empty. Please ensure that the batch contains at least one request.',
    );
  });

  test('2.3 too_many_tasks: more than 50,000 requests', async () => {
    const line = (id) =>
      `{"custom_id":"${id}","method":"POST","url":"${chat}","body":{"model":"m","messages":[{}]}}\n`;
    const file = await upload(Array.from({ length: 50_001 }, (_, id) => line(id)).join(''));
    const created = await client.batches.create({
      input_file_id: file.id,
      endpoint: chat,
      completion_window: '24h',
    });
    const batch = await finishedBatch(created.id);
    assert.equal(batch.status, 'failed');
    const [error] = batch.errors.data;
    assert.deepEqual([error.code, error.line, error.param], ['too_many_tasks', null, null]);
    assert.match(error.message, /50,?000/);
  });

  test('2.1 limits: a batch input of more than 200 MB fails and names the limit', async () => {
    const line = JSON.stringify(openaiLine('0', 'x'.repeat(1_000_000))) + '\n';
    const most = 200 * 1024 * 1024;
    const boundary = 'boundary200';
    const head =
      `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n`;
    const count = Math.floor(most / line.length);
    const rest = `${' '.repeat(most - count * line.length)}\n`;
    const answer = await exchange('POST', '/v1/files', {
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
      body: [head, ...Array(count).fill(Buffer.from(line)), rest, `\r\n--${boundary}--\r\n`],
    });
    const file = answer.ok();
    assert.equal(file.bytes, most + 1);
    const created = await client.batches.create({
      input_file_id: file.id,
      endpoint: chat,
      completion_window: '24h',
    });
    const batch = await finishedBatch(created.id);
    assert.equal(batch.status, 'failed');
    assert.match(batch.errors.data[0].message, /209,?715,?200/);
    await client.files.delete(file.id);
  });

  test('2.3 token_limit_exceeded: there is no enqueued token limit', async () => {
    const lines = [openaiLine('0', 'word '.repeat(200_000))];
    const batch = await runBatch(lines);
    assert.equal(batch.request_counts.completed, 1);
  });

  test('2.3 one entry per bad line, lines counted from 1, blank ones too', async () => {
    const text =
      jsonl([openaiLine('0')]) +
      '\nnot json\n' +
      jsonl([withoutField('url')]) +
      '  \r\n' +
      jsonl([openaiLine('0')]);
    await failsWith(text, [
      { code: 'invalid_json_line', line: 3 },
      { code: 'missing_required_parameter', line: 4, param: 'url' },
      { code: 'duplicate_custom_id', line: 6 },
    ]);
  });

  test('2.3 a failed batch has sent nothing and reads as FAILED on the other API, with its errors', async () => {
    const batch = await failsWith([openaiLine('0'), withoutField('body')], {
      code: 'missing_required_parameter',
      line: 2,
    });
    assert.equal(batch.request_counts.completed, 0);
    const job = await finishedJob(batch.id);
    assert.equal(job.status, 'FAILED');
    assert.ok(
      job.errors.length > 0 && job.errors.every((error) => typeof error.message === 'string'),
    );
  });

  test('2.3 the answer to a batch over a bad file is a 200 with status validating', async () => {
    const created = await createBatch(['{"custom_id":"0"}']);
    assert.equal(created.status, 'validating');
    assert.equal(created.errors ?? null, null);
    assert.equal((await finishedBatch(created.id)).status, 'failed');
  });
});
