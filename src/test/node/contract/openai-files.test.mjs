// Files as OpenAI's SDKs use them (sections 2.1, 1.4 and 4.3 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import {
  OCTETS,
  exchange,
  get,
  ids,
  isUnixSeconds,
  jsonl,
  once,
  openai,
  openaiLine,
  postMultipart,
  rejection,
  runBatch,
  sequence,
  unique,
  upload,
} from './support.mjs';

const client = openai();
const content = jsonl(sequence(2, (id) => openaiLine(id)));
const uploaded = once(() => create('bad_lines.jsonl'));
const mixedBatch = once(() =>
  runBatch([openaiLine('good'), openaiLine('bad', 'x [[fault:http_400]]')]),
);

async function create(name, { bytes = content, purpose = 'batch', ...more } = {}) {
  return client.files.create({ file: await toFile(Buffer.from(bytes), name), purpose, ...more });
}

describe('2.1 routes', { concurrency: 8 }, () => {
  test('2.1 POST /files: file and purpose', async () => {
    const file = await uploaded();
    assert.equal(file.object, 'file');
    assert.equal(file.bytes, Buffer.byteLength(content));
    assert.equal(file.filename, 'bad_lines.jsonl');
    assert.equal(file.purpose, 'batch');
  });

  for (const purpose of ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']) {
    test(`2.1 POST /files, purpose: ${purpose}`, async () => {
      const file = await create(`${purpose}.jsonl`, { purpose });
      assert.equal(file.purpose, purpose);
      assert.equal((await client.files.retrieve(file.id)).purpose, purpose);
    });
  }

  test('2.1 POST /files, expires_after: anchor and seconds under bracketed keys', async () => {
    const file = await create('e.jsonl', {
      expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    assert.equal(file.expires_at, file.created_at + 3600);
    const longest = await create('e.jsonl', {
      expires_after: { anchor: 'created_at', seconds: 2_592_000 },
    });
    assert.equal(longest.expires_at, longest.created_at + 2_592_000);
    for (const seconds of [3599, 2_592_001, 0, 'x']) {
      const error = await rejection(
        create('e.jsonl', { expires_after: { anchor: 'created_at', seconds } }),
      );
      assert.ok(
        error instanceof OpenAI.BadRequestError || error instanceof OpenAI.UnprocessableEntityError,
        error,
      );
    }
    const anchor = await rejection(
      create('e.jsonl', { expires_after: { anchor: 'deleted_at', seconds: 3600 } }),
    );
    assert.ok([400, 422].includes(anchor.status), anchor);
  });

  test('2.1 POST /files, Python: purpose, expires_after, then the file as raw bytes named "upload"', async () => {
    const parts = [
      ['purpose', 'batch'],
      ['expires_after[anchor]', 'created_at'],
      ['expires_after[seconds]', '86400'],
      ['file', content, { filename: 'upload', type: OCTETS }],
    ];
    const file = (await postMultipart('/v1/files', parts)).ok();
    assert.equal(file.filename, 'upload');
    assert.equal(file.expires_at, file.created_at + 86_400);
  });

  test('2.1 POST /files: a name without .jsonl is as good', async () => {
    assert.equal((await create('requests.txt')).filename, 'requests.txt');
  });

  test('2.1 POST /files, upload check: 400 for what is not JSONL, an empty file, a malformed first line', async () => {
    for (const bytes of ['These are notes.\n', '', `{"custom_id": \n${content}`]) {
      const error = await rejection(create('notes.txt', { bytes }));
      assert.ok(error instanceof OpenAI.BadRequestError, `${JSON.stringify(bytes)}: ${error}`);
      assert.match(error.message, /Invalid file format for Batch API\. Must be \.jsonl/);
      assert.equal(error.type, 'invalid_request_error');
      assert.equal(error.param, null);
      assert.equal(error.code, null);
    }
  });

  test('2.1 POST /files, upload check: later malformed lines and rows without method are accepted', async () => {
    const [first] = content.split('\n');
    await create('later.jsonl', { bytes: `${first}\nnot json\n` });
    await create('later.jsonl', { bytes: '{"custom_id":"0","body":{}}\n' });
  });

  test('2.1 GET /files, limit, order, after: every file once, newest first unless asked', async () => {
    const name = unique('paged');
    const made = [];
    for (let number = 0; number < 5; number++) {
      made.push((await create(`${name}.jsonl`, { purpose: 'assistants' })).id);
    }
    for (const order of ['desc', 'asc', undefined]) {
      const found = [];
      for await (const file of client.files.list({ purpose: 'assistants', limit: 2, order })) {
        if (file.filename === `${name}.jsonl`) {
          found.push(file.id);
        }
      }
      assert.deepEqual(found, order === 'asc' ? made : made.toReversed(), order);
    }
    const page = (
      await get(`/v1/files?purpose=assistants&limit=2&order=asc&after=${made[1]}`)
    ).ok();
    assert.equal(page.object, 'list');
    assert.equal(page.data[0].id, page.first_id);
    assert.equal(page.data.at(-1).id, page.last_id);
    assert.equal(page.data.length, 2);
    assert.equal(page.has_more, true);
    assert.ok(ids(page.data).includes(made[2]));
  });

  test('2.1 GET /files, limit: 1 to 10000', async () => {
    (await get('/v1/files?limit=10000')).ok();
    assert.equal((await get('/v1/files?limit=1')).ok().data.length, 1);
    for (const limit of ['0', '10001', '-1', 'x']) {
      (await get(`/v1/files?limit=${limit}`)).refused(400, 422);
    }
    (await get('/v1/files?order=sideways')).refused(400, 422);
  });

  test('2.1 GET /files, purpose', async () => {
    const file = await create('vision.jsonl', { purpose: 'vision' });
    const list = await client.files.list({ purpose: 'vision' });
    assert.ok(ids(list.data).includes(file.id));
    assert.ok(list.data.every((item) => item.purpose === 'vision'));
  });

  test('2.1 GET /files/{id}, DELETE /files/{id}, GET /files/{id}/content', async () => {
    const file = await create('short-lived.jsonl');
    assert.deepEqual((await client.files.retrieve(file.id)).filename, 'short-lived.jsonl');
    const answer = await client.files.content(file.id);
    assert.equal(await answer.text(), content);
    assert.deepEqual(
      { ...(await client.files.delete(file.id)) },
      { id: file.id, object: 'file', deleted: true },
    );
    for (const call of [
      () => client.files.retrieve(file.id),
      () => client.files.content(file.id),
      () => client.files.delete(file.id),
    ]) {
      assert.ok((await rejection(call())) instanceof OpenAI.NotFoundError);
    }
  });

  test('2.1 files.waitForProcessing: a file is processed at once', async () => {
    const file = await client.files.waitForProcessing((await uploaded()).id, {
      pollInterval: 50,
      maxWait: 5000,
    });
    assert.equal(file.status, 'processed');
  });
});

describe('2.1 File', { concurrency: 8 }, () => {
  const forms = {
    id: (value) => typeof value === 'string',
    object: (value) => value === 'file',
    bytes: (value) => value === Buffer.byteLength(content),
    created_at: isUnixSeconds,
    filename: (value) => value === 'bad_lines.jsonl',
    purpose: (value) => value === 'batch',
    status: (value) => value === 'processed',
    expires_at: (value) => value === null || value === undefined || isUnixSeconds(value),
    status_details: (value) => value === null,
  };
  for (const [field, holds] of Object.entries(forms)) {
    test(`2.1 File, ${field}`, async () => {
      const file = await uploaded();
      for (const view of [file, await client.files.retrieve(file.id)]) {
        assert.ok(holds(view[field]), `${field} of ${JSON.stringify(view)}`);
      }
    });
  }

  test('2.1 File, purpose of results: batch_output', async () => {
    const batch = await mixedBatch();
    for (const id of [batch.output_file_id, batch.error_file_id]) {
      const file = await client.files.retrieve(id);
      assert.ok(['batch_output', 'batch'].includes(file.purpose), file.purpose);
      assert.equal(file.status, 'processed');
    }
  });
});

describe('1.4 one object for both', { concurrency: 8 }, () => {
  test('1.4 File: all of FileSchema, deleted false, status processed, status_details null', async () => {
    const file = await uploaded();
    for (const view of [file, (await get(`/v1/files/${file.id}`)).ok()]) {
      assert.equal(view.deleted, false);
      assert.equal(view.status, 'processed');
      assert.equal(view.status_details, null);
      for (const field of [
        'sample_type',
        'source',
        'num_lines',
        'mimetype',
        'signature',
        'visibility',
      ]) {
        assert.ok(field in view, field);
      }
    }
  });

  test('1.4 List: {object: "list", data, total, has_more, first_id, last_id}', async () => {
    await uploaded();
    for (const query of ['', '?limit=2', '?page=0&page_size=2']) {
      const list = (await get(`/v1/files${query}`)).ok();
      assert.equal(list.object, 'list');
      assert.ok('total' in list, query);
      assert.equal(typeof list.has_more, 'boolean');
      assert.equal(list.first_id, list.data[0].id);
      assert.equal(list.last_id, list.data.at(-1).id);
    }
  });

  test('1.4 List: without a query the OpenAI SDK still finds every file', async () => {
    const made = [];
    for (let number = 0; number < 3; number++) {
      made.push((await upload(content)).id);
    }
    const seen = [];
    for await (const file of client.files.list()) {
      seen.push(file.id);
    }
    assert.ok(made.every((id) => seen.filter((other) => other === id).length === 1));
  });

  test('1.4 List: nothing found is an empty page without cursors', async () => {
    const list = (await get(`/v1/files?search=${unique('nothing')}`)).ok();
    assert.deepEqual(list.data, []);
    assert.equal(list.has_more, false);
    assert.equal(list.first_id, null);
    assert.equal(list.last_id, null);
    const answer = await get('/v1/files?limit=2&after=00000000-0000-4000-8000-000000000000');
    if (answer.status !== 200) {
      answer.refused(400, 404, 422);
    }
  });
});

test('4.2 curl: Expect: 100-continue is answered before the body', async () => {
  const boundary = 'curl-boundary';
  const big = jsonl(sequence(3000, (id) => openaiLine(id, 'x'.repeat(500))));
  const body =
    `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n` +
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="big.jsonl"\r\n` +
    `Content-Type: ${OCTETS}\r\n\r\n${big}\r\n--${boundary}--\r\n`;
  const answer = await exchange('POST', '/v1/files', {
    headers: {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      Expect: '100-continue',
    },
    body,
  });
  assert.equal(answer.ok().bytes, Buffer.byteLength(big));
  assert.ok(answer.informed);
});
