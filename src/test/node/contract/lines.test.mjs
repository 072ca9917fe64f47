// Input lines and result lines of five providers (section 3 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  chatBody,
  createBatch,
  createJob,
  exchange,
  failedBatch,
  finishedBatch,
  finishedJob,
  isSuccess,
  jsonl,
  mistralLine,
  openaiLine,
  postJson,
  resultLines,
  runBatch,
  runJob,
  sequence,
  upload,
} from './support.mjs';

const chat = '/v1/chat/completions';
const fields = { id: undefined, custom_id: undefined, response: undefined, error: undefined };

async function outcomes(job) {
  const output = await resultLines(job.output_file ?? job.output_file_id ?? null);
  const errors = await resultLines(job.error_file ?? job.error_file_id ?? null);
  assert.ok([...output.values()].every(isSuccess), 'output holds successes only');
  assert.ok(![...errors.values()].some(isSuccess), 'the error file holds none');
  for (const line of [...output.values(), ...errors.values()]) {
    assert.ok(
      Object.keys(fields).every((field) => field in line),
      JSON.stringify(line),
    );
  }
  return { output, errors };
}

/** Runs a job on Mistral's route over these lines; all must succeed with these ids. */
async function allSucceed(text, expected, options) {
  const job = await runJob(text, options);
  const { output } = await outcomes(job);
  assert.deepEqual([...output.keys()], expected);
  assert.equal(job.failed_requests, 0);
  return output;
}

/** On Mistral's route a bad line becomes an error line, and all others are requests. */
async function badLine(lines, line, options = {}) {
  const job = await runJob(lines, options);
  const { output, errors } = await outcomes(job);
  assert.equal(output.size, job.total_requests - 1);
  assert.equal(errors.size, 1);
  const [found] = errors.values();
  assert.strictEqual(found.response, null);
  assert.equal(typeof found.error.code, 'string');
  assert.equal(found.input.line, line);
}

describe('3 line formats side by side', { concurrency: 8 }, () => {
  test('3 input keys, Mistral: custom_id and body', async () => {
    await allSucceed([mistralLine('0'), mistralLine('1')], ['0', '1']);
  });

  test('3 input keys, Mistral inline: custom_id optional', async () => {
    const answer = await postJson('/v1/batch/jobs', {
      requests: [{ body: chatBody('a') }, { custom_id: 'named', body: chatBody('b') }],
      endpoint: chat,
      model: 'mistral-small-latest',
    });
    const job = await finishedJob(answer.ok().id);
    assert.equal(job.outputs.length, 2);
    assert.ok(job.outputs.every(isSuccess));
    assert.equal(job.outputs[1].custom_id, 'named');
  });

  test('3 input keys, OpenAI: all four, on both routes', async () => {
    const lines = [openaiLine('0'), openaiLine('1')];
    await allSucceed(lines, ['0', '1'], { model: null });
    const { output } = await outcomes(await runBatch(lines));
    assert.deepEqual([...output.keys()], ['0', '1']);
  });

  test("3 input keys, per job: url and method are optional on Mistral's route and required on OpenAI's", async () => {
    await allSucceed([{ custom_id: '0', url: chat, body: chatBody('x') }], ['0']);
    const batch = await failedBatch([mistralLine('0', 'x', { model: 'm' })]);
    assert.ok(
      batch.errors.data.every(
        (error) => error.code === 'missing_required_parameter' && error.line === 1,
      ),
    );
  });

  test('3 url values: must equal the endpoint of the batch', async () => {
    const batch = await failedBatch([openaiLine('0')], { endpoint: '/v1/embeddings' });
    assert.equal(batch.errors.data[0].code, 'invalid_url');
    await badLine([openaiLine('0'), { ...openaiLine('1'), url: '/v1/unknown' }], 2, {
      model: null,
    });
  });

  test("3 url values, vLLM: per line and mixed on Mistral's route", async () => {
    const embeddings = {
      ...openaiLine('1'),
      url: '/v1/embeddings',
      body: { model: 'm', input: 'x' },
    };
    const output = await allSucceed([openaiLine('0'), embeddings], ['0', '1'], { model: null });
    assert.equal(output.get('0').response.body.object, 'chat.completion');
    assert.equal(output.get('1').response.body.object, 'list');
  });

  for (const [endpoint, body] of [
    ['/v1/score', { model: 'm', text_1: 'query', text_2: ['one', 'two'] }],
    ['/v1/rerank', { model: 'm', query: 'query', documents: ['one', 'two'] }],
  ]) {
    test(`3 url values, Parasail and vLLM: ${endpoint}`, async () => {
      const line = { custom_id: '0', method: 'POST', url: endpoint, body };
      const { output } = await outcomes(await runBatch([line], { endpoint }));
      assert.equal(output.size, 1);
    });
  }

  test('3 body.model, Mistral: optional, from the job', async () => {
    const output = await allSucceed(
      [mistralLine('0'), mistralLine('1', 'x', { model: null })],
      ['0', '1'],
      {
        model: 'codestral-latest',
      },
    );
    for (const line of output.values()) {
      assert.equal(line.response.body.model, 'codestral-latest');
    }
  });

  test('3 body.model, Parasail: models may be mixed where the job asks for no single one', async () => {
    const lines = [openaiLine('0', 'x', { model: 'one' }), openaiLine('1', 'x', { model: 'two' })];
    const output = await allSucceed(lines, ['0', '1'], { model: null });
    assert.deepEqual(
      [...output.values()].map((line) => line.response.body.model),
      ['one', 'two'],
    );
  });

  test('3 body.model, Predibase: "" is the base model, anything else an adapter, per line', async () => {
    const lines = [
      mistralLine('0', 'x', { model: '' }),
      mistralLine('1', 'x', { model: 'adapter/1' }),
    ];
    const output = await allSucceed(lines, ['0', '1'], { model: 'base-model' });
    assert.deepEqual(
      [...output.values()].map((line) => line.response.body.model),
      ['base-model', 'adapter/1'],
    );
  });

  test('3 max tokens field: max_tokens and max_completion_tokens', async () => {
    const body = (more) => ({
      model: 'm',
      messages: [{ role: 'user', content: 'Tell me all. [[tokens:500]]' }],
      ...more,
    });
    const line = (id, more) => ({ custom_id: id, method: 'POST', url: chat, body: body(more) });
    const { output } = await outcomes(
      await runBatch([line('0', { max_tokens: 5 }), line('1', { max_completion_tokens: 5 })]),
    );
    for (const item of output.values()) {
      assert.ok(item.response.body.usage.completion_tokens <= 5, JSON.stringify(item));
    }
  });

  test('3 stream: true is refused on both routes, false is not', async () => {
    await badLine([mistralLine('0'), mistralLine('1', 'x', { stream: true })], 2);
    await allSucceed([mistralLine('0', 'x', { stream: false })], ['0']);
    const batch = await failedBatch([openaiLine('0', 'x', { stream: true })]);
    assert.equal(batch.errors.data[0].code, 'streaming_unsupported');
  });

  test('3 output line id: present, different for every line', async () => {
    const { output } = await outcomes(await runJob(sequence(20, (id) => mistralLine(id))));
    const seen = new Set([...output.values()].map((line) => line.id));
    assert.equal(seen.size, 20);
    assert.ok([...seen].every((id) => typeof id === 'string' && id.length > 0));
  });

  test('3 response.request_id: present', async () => {
    const { output, errors } = await outcomes(
      await runBatch([openaiLine('0'), openaiLine('1', 'x [[fault:http_422]]')]),
    );
    assert.equal(typeof output.get('0').response.request_id, 'string');
    assert.equal(typeof errors.get('1').response.request_id, 'string');
  });

  test('3 per-request failure: the error file, with the interactive status, body.error and error null', async () => {
    for (const run of [
      () => runBatch([openaiLine('0'), openaiLine('1', 'x [[fault:http_422]]')]),
      () => runJob([mistralLine('0'), mistralLine('1', 'x [[fault:http_422]]')]),
    ]) {
      const { output, errors } = await outcomes(await run());
      assert.deepEqual([[...output.keys()], [...errors.keys()]], [['0'], ['1']]);
      assert.equal(errors.get('1').response.status_code, 422);
      assert.ok(errors.get('1').response.body.error);
      assert.strictEqual(errors.get('1').error, null);
    }
  });

  test('3 body quirks: base64 embeddings stay a string', async () => {
    const body = { model: 'm', input: 'x', encoding_format: 'base64' };
    const line = { custom_id: '0', method: 'POST', url: '/v1/embeddings', body };
    const { output } = await outcomes(await runBatch([line], { endpoint: '/v1/embeddings' }));
    const [{ embedding }] = output.get('0').response.body.data;
    assert.equal(typeof embedding, 'string');
    assert.equal(Buffer.from(embedding, 'base64').length % 4, 0);
  });

  test('3 body quirks, vLLM: order kept, blank lines skipped', async () => {
    const lines = sequence(60, (id) =>
      openaiLine(id, `Number ${id} [[latency:${(Number(id) * 37) % 100}ms]]`),
    );
    const text = lines
      .map((line) => `${JSON.stringify(line)}\n${'\n'.repeat(lines.indexOf(line) % 3)}`)
      .join('');
    const { output } = await outcomes(await runBatch(text));
    assert.deepEqual(
      [...output.keys()],
      sequence(60, (id) => id),
    );
  });

  test("3 files: several on Mistral's route, one on OpenAI's", async () => {
    const [one, two] = [
      await upload(jsonl([mistralLine('0')])),
      await upload(jsonl([mistralLine('1')])),
    ];
    const job = await postJson('/v1/batch/jobs', {
      input_files: [one.id, two.id],
      endpoint: chat,
      model: 'mistral-small-latest',
    });
    const { output } = await outcomes(await finishedJob(job.ok().id));
    assert.deepEqual([...output.keys()], ['0', '1']);
    const request = { input_file_id: [one.id, two.id], endpoint: chat, completion_window: '24h' };
    (await postJson('/v1/batches', request)).refused(400);
  });

  test('3 LoRAX: stop as an array of strings and further fields reach the endpoint', async () => {
    const more = { stop: ['\n'], adapter_source: 'pbase', temperature: 0.1 };
    const output = await allSucceed(
      [
        mistralLine('plain'),
        mistralLine('again'),
        ...Object.entries(more).map(([key, value]) =>
          mistralLine(key, undefined, { [key]: value }),
        ),
        mistralLine('all', undefined, more),
      ],
      ['plain', 'again', 'stop', 'adapter_source', 'temperature', 'all'],
    );
    // The simulated endpoint answers the same to the same body only.
    const answers = [...output.values()].map(
      (line) => line.response.body.choices[0].message.content,
    );
    assert.equal(answers[0], answers[1]);
    assert.equal(new Set(answers).size, 5);
  });

  test('3 Novita: {custom_id, body} with body.model', async () => {
    const output = await allSucceed([mistralLine('0', 'x', { model: 'novita/m' })], ['0'], {
      model: null,
    });
    assert.equal(output.get('0').response.body.model, 'novita/m');
  });

  test('3 {custom_id, params} is rejected', async () => {
    await badLine([mistralLine('0'), { custom_id: '1', params: chatBody('x') }], 2);
    const batch = await failedBatch([{ custom_id: '1', params: chatBody('x') }]);
    const [error] = batch.errors.data;
    assert.deepEqual([error.code, error.line], ['missing_required_parameter', 1]);
  });
});

describe('3 an input reader accepts', { concurrency: 8 }, () => {
  const first = JSON.stringify(mistralLine('0'));
  const second = JSON.stringify(mistralLine('1'));

  test('3 reader: blank lines and lines of spaces', async () => {
    const job = await runJob(`\n${first}\n   \n\t\n${second}\n\n`);
    assert.equal(job.total_requests, 2);
    assert.deepEqual([...(await outcomes(job)).output.keys()], ['0', '1']);
  });

  test('3 reader: LF and CRLF', async () => {
    await allSucceed(`${first}\r\n${second}\n`, ['0', '1']);
  });

  test('3 reader: no final newline', async () => {
    await allSucceed(`${first}\n${second}`, ['0', '1']);
  });

  test('3 reader: a UTF-8 BOM on the first line', async () => {
    await allSucceed(`\uFEFF${first}\n${second}\n`, ['0', '1']);
    const { output } = await outcomes(await runBatch(`\uFEFF${jsonl([openaiLine('0')])}`));
    assert.equal(output.size, 1);
  });

  test('3 reader: unknown extra keys, keys in any order', async () => {
    const line = `{"priority":1,"body":${JSON.stringify(chatBody('x'))},"tags":["a",{"b":null}],"custom_id":"0"}`;
    await allSucceed(`${line}\n${second}\n`, ['0', '1']);
    const { body, url, method, custom_id } = openaiLine('0');
    await runBatch([{ body, extra: true, url, custom_id, method }]);
  });

  test('3 reader: non-ASCII and escaped text', async () => {
    const escaped = String.raw`{"custom_id":"\u00e9\ud83d\ude00","body":{"messages":[{"role":"user","content":"\u65e5\u672c \"q\" \\ \/"}]}}`;
    await allSucceed(
      `${escaped}\n${JSON.stringify(mistralLine('日本 😀', 'naïve\u2028\u0000'))}\n`,
      ['é😀', '日本 😀'],
    );
  });

  test('3 reader: a line of many MB', async () => {
    const image = Buffer.alloc(6_000_000, 7).toString('base64');
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
    ];
    const line = { custom_id: '0', body: { messages: [{ role: 'user', content }] } };
    await allSucceed([line, mistralLine('1')], ['0', '1']);
  });

  test('3 reader: a custom_id that is a number is a line error', async () => {
    await badLine([mistralLine('0'), mistralLine(1)], 2);
    const batch = await failedBatch([openaiLine('0'), openaiLine(1)]);
    assert.deepEqual(
      batch.errors.data.map((error) => error.line),
      [2],
    );
  });

  test('3 reader: url absolute or with a trailing slash', async () => {
    const lines = [`https://api.openai.com${chat}`, `${chat}/`, chat].map((url, index) => ({
      ...openaiLine(String(index)),
      url,
    }));
    const { output } = await outcomes(await runBatch(lines));
    assert.equal(output.size, 3);
  });

  test('3 reader: method in any case', async () => {
    const { output } = await outcomes(await runBatch([{ ...openaiLine('0'), method: 'post' }]));
    assert.equal(output.size, 1);
    const batch = await failedBatch([{ ...openaiLine('0'), method: 'GET' }]);
    assert.deepEqual([batch.errors.data[0].param, batch.errors.data[0].line], ['method', 1]);
  });

  test('3 reader: model absent, null or ""', async () => {
    const lines = [
      mistralLine('absent'),
      mistralLine('null', 'x', { model: null }),
      mistralLine('empty', 'x', { model: '' }),
    ];
    const output = await allSucceed(lines, ['absent', 'null', 'empty']);
    assert.ok(
      [...output.values()].every((line) => line.response.body.model === 'mistral-small-latest'),
    );
  });

  test("3 reader: a malformed line on Mistral's route", async () => {
    await badLine(`${first}\n{"custom_id": "1", "body": {\n`, 2);
  });

  test("3 reader: a duplicate custom_id on Mistral's route", async () => {
    await badLine(`${first}\n${second}\n\n${first}\n`, 4);
  });

  test('3 reader: line numbers in errors are physical and start at 1', async () => {
    const batch = await failedBatch(`\r\n${JSON.stringify(openaiLine('0'))}\n\n   \n[]\n`);
    assert.deepEqual(
      batch.errors.data.map((error) => error.line),
      [5],
    );
  });

  test('3 reader: a deep body and odd numbers come back as they are', async () => {
    const created = await createJob([
      mistralLine('0', 'x', { seed: 12345678901234567890n.toString(), top_p: 0.1 }),
    ]);
    assert.equal((await finishedJob(created.id)).succeeded_requests, 1);
    const batch = await createBatch([
      openaiLine('1', 'x', { metadata: { a: { b: { c: [1, 2, { d: null }] } } } }),
    ]);
    assert.equal((await finishedBatch(batch.id)).status, 'completed');
    (await exchange('DELETE', `/v1/batch/jobs/${created.id}`)).ok();
  });
});
