// Files as Mistral's SDKs and documentation use them (sections 1.1 and 4.3 of the contract).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  OCTETS,
  collected,
  createJob,
  exchange,
  finishedJob,
  get,
  ids,
  isInvited,
  isUnixSeconds,
  jsonl,
  mistral,
  mistralLine,
  once,
  postMultipart,
  runJob,
  sequence,
  unique,
  upload,
} from './support.mjs';

const client = mistral();
const content = jsonl(sequence(2, (id) => mistralLine(id)));
const uploaded = once(() => upload(content, { filename: 'example.file.jsonl' }));
const mixedJob = once(() =>
  runJob([mistralLine('good'), mistralLine('bad', 'Refuse me. [[fault:http_400]]')]),
);

function sdkUpload(fileName, bytes = content, more = {}) {
  return client.files.upload({
    file: { fileName, content: Buffer.from(bytes) },
    purpose: 'batch',
    ...more,
  });
}

describe('1.1 routes', { concurrency: 8 }, () => {
  test('1.1 POST /v1/files: multipart upload gives a CreateFileResponse', async () => {
    const file = await sdkUpload('test.jsonl');
    assert.equal(file.object, 'file');
    assert.equal(file.filename, 'test.jsonl');
    assert.equal(file.purpose, 'batch');
    assert.equal(file.sampleType, 'batch_request');
    assert.equal(file.source, 'upload');
    assert.equal(file.sizeBytes, Buffer.byteLength(content));
    assert.equal(file.numLines, 2);
  });

  test('1.1 POST /v1/files: the file as a Blob and as a stream', async () => {
    const blob = new File([content], 'blob.jsonl');
    assert.equal(
      (await client.files.upload({ file: blob, purpose: 'batch' })).filename,
      'blob.jsonl',
    );
    const stream = new Blob([content]).stream();
    const streamed = await client.files.upload({
      file: { fileName: 'stream.jsonl', content: stream },
      purpose: 'batch',
    });
    assert.equal(streamed.sizeBytes, Buffer.byteLength(content));
  });

  test('1.1 GET /v1/files: {data, object: "list", total}', async () => {
    const file = await uploaded();
    const list = await client.files.list();
    assert.equal(list.object, 'list');
    assert.ok(list.total >= 1);
    assert.ok(ids(list.data).includes(file.id) || list.total > 100);
    const raw = (await get('/v1/files')).ok();
    assert.equal(raw.object, 'list');
    assert.ok(Number.isInteger(raw.total));
    assert.equal(raw.data.length, Math.min(100, raw.total), 'a page is 100 by default');
  });

  test('1.1 GET /v1/files/{file_id}: GetFileResponse, the FileSchema with deleted', async () => {
    const file = await sdkUpload('retrieved.jsonl');
    const retrieved = await client.files.retrieve({ fileId: file.id });
    assert.deepEqual({ ...retrieved, deleted: undefined }, { ...file, deleted: undefined });
    assert.equal(retrieved.deleted, false);
  });

  test('1.1 DELETE /v1/files/{file_id}: {id, object: "file", deleted: true}, then it is gone', async () => {
    const file = await sdkUpload('deleted.jsonl');
    const deleted = (await exchange('DELETE', `/v1/files/${file.id}`)).ok();
    assert.deepEqual(deleted, { id: file.id, object: 'file', deleted: true });
    (await get(`/v1/files/${file.id}`)).refused(404);
    (await get(`/v1/files/${file.id}/content`)).refused(404);
    (await get(`/v1/files/${file.id}/url`)).refused(404);
    (await exchange('DELETE', `/v1/files/${file.id}`)).refused(404);
    const other = await sdkUpload('deleted-too.jsonl');
    const bySdk = await client.files.delete({ fileId: other.id });
    assert.deepEqual({ ...bySdk }, { id: other.id, object: 'file', deleted: true });
  });

  test('1.1 GET /v1/files/{file_id}/content: the bytes as they were sent', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(
        '{"custom_id":"é","body":{"messages":[]}}\r\n\r\n{"custom_id":"2","body":{"a": 1.50}}',
      ),
    ]);
    const file = await sdkUpload('bytes.jsonl', bytes);
    const stream = await client.files.download({ fileId: file.id });
    const got = await collected(stream);
    assert.deepEqual(got, bytes);
    const raw = await get(`/v1/files/${file.id}/content`, { headers: { Accept: OCTETS } });
    assert.equal(Number(raw.headers['content-length']), bytes.length, 'truncation is visible');
  });

  test('1.1 GET /v1/files/{file_id}/content: HEAD tells the length without the bytes', async () => {
    const file = await uploaded();
    const head = await exchange('HEAD', `/v1/files/${file.id}/content`);
    assert.equal(head.status, 200);
    assert.equal(Number(head.headers['content-length']), file.bytes);
    assert.equal(head.mediaType, OCTETS);
    assert.equal(head.bytes.length, 0);
  });

  test('1.1 GET /v1/files/{file_id}/url: a URL that works without credentials', async () => {
    const file = await uploaded();
    const signed = await client.files.getSignedUrl({ fileId: file.id });
    const answer = await get(signed.url, { auth: false });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.text, content);
    const head = await exchange('HEAD', signed.url, { auth: false });
    assert.equal(head.status, 200);
    assert.equal(Number(head.headers['content-length']), file.bytes);
    const body = (await get(`/v1/files/${file.id}/url`)).ok();
    assert.deepEqual(Object.keys(body), ['url']);
  });

  test('1.1 GET /v1/files/{file_id}/url: expiry in hours, 1 to 168, default 24', async () => {
    const file = await uploaded();
    const now = Date.now() / 1000;
    for (const [query, hours] of [
      ['', 24],
      ['?expiry=1', 1],
      ['?expiry=168', 168],
    ]) {
      const { url } = (await get(`/v1/files/${file.id}/url${query}`)).ok();
      const expires = Number(new URL(url).searchParams.get('expires'));
      assert.ok(Math.abs(expires - now - hours * 3600) < 120, `${query}: ${url}`);
    }
    for (const bad of ['0', '169', '-1', 'abc', '1.5']) {
      (await get(`/v1/files/${file.id}/url?expiry=${bad}`)).refused(400, 422);
    }
  });

  test('1.1 GET /v1/files/{file_id}/url: a changed signature, time or file is refused', async () => {
    const file = await uploaded();
    const other = await upload(content);
    const { url } = (await get(`/v1/files/${file.id}/url?expiry=1`)).ok();
    const signature = new URL(url).searchParams.get('signature');
    const turned = (signature[0] === '0' ? '1' : '0') + signature.slice(1);
    const later = new URL(url);
    later.searchParams.set('expires', String(Number(later.searchParams.get('expires')) + 1));
    for (const bad of [
      url.replace(signature, turned),
      url.replace(file.id, other.id),
      String(later),
    ]) {
      (await get(bad, { auth: false })).refused(401, 403, 404);
    }
  });
});

describe('1.1 multipart fields', { concurrency: 8 }, () => {
  test('1.1 file: required', async () => {
    (await postMultipart('/v1/files', [['purpose', 'batch']])).refused(400, 422);
  });

  test('1.1 file: a field without a filename is no file', async () => {
    const parts = [
      ['purpose', 'batch'],
      ['file', content],
    ];
    (await postMultipart('/v1/files', parts)).refused(400, 422);
  });

  test('1.1 purpose: optional, absent when the caller omits it', async () => {
    const file = await client.files.upload({
      file: { fileName: 'nothing-said.jsonl', content: Buffer.from(content) },
    });
    assert.equal(
      (await client.files.retrieve({ fileId: file.id })).sizeBytes,
      Buffer.byteLength(content),
    );
    const job = await client.batch.jobs.create({
      inputFiles: [file.id],
      endpoint: '/v1/chat/completions',
      model: 'mistral-small-latest',
    });
    assert.equal((await finishedJob(job.id)).status, 'SUCCESS');
  });

  for (const purpose of ['fine-tune', 'batch', 'ocr', 'audio']) {
    test(`1.1 purpose: ${purpose}`, async () => {
      assert.equal((await sdkUpload(`${purpose}.jsonl`, content, { purpose })).purpose, purpose);
    });
  }

  test('1.1 purpose, visibility: a word that neither API has is refused', async () => {
    for (const field of ['purpose', 'visibility']) {
      const parts = [
        [field, 'everything'],
        ['file', content, { filename: 'x.jsonl', type: OCTETS }],
      ];
      const error = (await postMultipart('/v1/files', parts)).refused(400, 422);
      assert.equal(error.param, field);
    }
  });

  test('1.1 purpose ocr: any bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 31) % 256));
    const file = await sdkUpload('scan.pdf', bytes, { purpose: 'ocr' });
    assert.deepEqual((await get(`/v1/files/${file.id}/content`)).bytes, bytes);
  });

  test('1.1 visibility: workspace by default, user, and absent as from 1.x', async () => {
    assert.equal((await sdkUpload('v.jsonl')).visibility, 'workspace');
    assert.equal((await sdkUpload('v.jsonl', content, { visibility: 'user' })).visibility, 'user');
    assert.equal((await upload(content)).visibility, 'workspace');
  });

  test('1.1 expiry: hours after which the file expires, or absent', async () => {
    const file = await sdkUpload('e.jsonl', content, { expiry: 5 });
    assert.equal(file.expiresAt, file.createdAt + 5 * 3600);
    assert.equal((await sdkUpload('e.jsonl')).expiresAt ?? null, null);
    for (const expiry of ['soon', '0', '-1', '1.5']) {
      const parts = [
        ['expiry', expiry],
        ['purpose', 'batch'],
        ['file', content, { filename: 'e.jsonl', type: OCTETS }],
      ];
      (await postMultipart('/v1/files', parts)).refused(400, 422);
    }
  });

  test('1.1 limit: 512 MB are let in', async () => {
    const boundary = 'x';
    const around = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n\r\n--${boundary}--\r\n`;
    assert.ok(
      await isInvited('/v1/files', {
        'Content-Type': `multipart/form-data; boundary=${boundary}`,
        'Content-Length': 512 * 1024 * 1024 + around.length,
      }),
    );
  });

  test('1.1 limit: more than 512 MB is refused before it is sent', async () => {
    const answer = await exchange('POST', '/v1/files', {
      headers: {
        'Content-Type': 'multipart/form-data; boundary=x',
        'Content-Length': 512 * 1024 * 1024 + 1_000_000,
        Expect: '100-continue',
      },
    });
    answer.refused(413);
    assert.equal(answer.informed, false);
  });

  test('1.1 filename: `"` as %22, UTF-8 raw', async () => {
    const file = await sdkUpload('a "quoted" имя 😀.jsonl');
    assert.equal(file.filename, 'a "quoted" имя 😀.jsonl');
  });

  test('4.3 Python: expiry, visibility, purpose, then file as octet-stream', async () => {
    const parts = [
      ['expiry', '24'],
      ['visibility', 'workspace'],
      ['purpose', 'batch'],
      ['file', content, { filename: 'python.jsonl', type: OCTETS }],
    ];
    const file = (
      await postMultipart('/v1/files', parts, { boundary: '0f9e8d7c6b5a49382716050f9e8d7c6b' })
    ).ok();
    assert.equal(file.filename, 'python.jsonl');
    assert.equal(file.bytes, Buffer.byteLength(content));
  });

  test('4.3 curl -F purpose -F file, and a file part without a type', async () => {
    const parts = [
      ['purpose', 'batch'],
      ['file', content, { filename: 'batch_input_file.jsonl' }],
    ];
    assert.equal((await postMultipart('/v1/files', parts)).ok().purpose, 'batch');
  });

  test('4.3 a part whose data ends without a newline, CRLF lines, text like a boundary', async () => {
    const boundary = 'boundary1';
    const text = `{"custom_id":"1","body":{}}\r\n{"custom_id":"2","body":{"x":"\\r\\n--${boundary}"}}\r\n--boundar`;
    const parts = [
      ['purpose', 'batch'],
      ['file', text, { filename: 'x.jsonl', type: OCTETS }],
    ];
    const file = (await postMultipart('/v1/files', parts, { boundary })).ok();
    assert.equal((await get(`/v1/files/${file.id}/content`)).text, text);
  });

  test('4.3 not multipart, and multipart without its end', async () => {
    const headers = { 'Content-Type': 'application/json' };
    (await exchange('POST', '/v1/files', { headers, body: '{"purpose":"batch"}' })).refused(
      400,
      415,
      422,
    );
    const cut = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${content}`;
    const answer = await exchange('POST', '/v1/files', {
      headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
      body: cut,
    });
    answer.refused(400, 422);
  });
});

describe('1.1 list query', { concurrency: 8 }, () => {
  const marker = unique('listed');
  const five = once(async () => {
    const files = [];
    for (const number of [1, 2, 3, 4, 5]) {
      files.push(await upload(content, { filename: `${marker}-${number}.jsonl` }));
    }
    return files;
  });

  test('1.1 page, page_size: pages start at 0 and hold all files once', async () => {
    const files = await five();
    const seen = [];
    for (const [page, size] of [
      [0, 2],
      [1, 2],
      [2, 1],
      [3, 0],
    ]) {
      const list = await client.files.list({ page, pageSize: 2, search: marker });
      assert.equal(list.data.length, size);
      assert.equal(list.total, 5);
      seen.push(...ids(list.data));
    }
    assert.deepEqual(new Set(seen), new Set(ids(files)));
    assert.equal(seen.length, 5);
  });

  test('1.1 page, page_size: what is not a number or out of range is refused', async () => {
    for (const query of ['page=-1', 'page=x', 'page_size=0', 'page_size=x']) {
      (await get(`/v1/files?${query}`)).refused(400, 422);
    }
  });

  test('1.1 include_total: false leaves the total out', async () => {
    await five();
    const without = await client.files.list({ includeTotal: false, search: marker });
    assert.equal(without.total ?? null, null);
    assert.equal(without.data.length, 5);
    assert.equal((await client.files.list({ includeTotal: true, search: marker })).total, 5);
  });

  test('1.1 sample_type: repeated key', async () => {
    const job = await mixedJob();
    const list = await client.files.list({
      sampleType: ['batch_result', 'batch_error'],
      pageSize: 1000,
    });
    const found = ids(list.data);
    assert.ok(found.includes(job.output_file) && found.includes(job.error_file));
    assert.ok(list.data.every((file) => ['batch_result', 'batch_error'].includes(file.sampleType)));
    const one = (await get('/v1/files?sample_type=batch_error&page_size=1000')).ok();
    assert.ok(one.data.length > 0 && one.data.every((file) => file.sample_type === 'batch_error'));
  });

  test('1.1 source: repeated key', async () => {
    const [job, files] = [await mixedJob(), await five()];
    const made = await client.files.list({ source: ['mistral'], pageSize: 1000 });
    assert.ok(ids(made.data).includes(job.output_file));
    assert.ok(made.data.every((file) => file.source === 'mistral'));
    const both = await client.files.list({
      source: ['mistral', 'upload'],
      pageSize: 1000,
      search: marker,
    });
    assert.deepEqual(new Set(ids(both.data)), new Set(ids(files)));
  });

  test('1.1 search: part of the filename', async () => {
    const files = await five();
    const list = await client.files.list({ search: `${marker}-3` });
    assert.deepEqual(ids(list.data), [files[2].id]);
    assert.equal((await client.files.list({ search: unique('nowhere') })).total, 0);
  });

  test('1.1 purpose: a single value', async () => {
    const name = unique('tune');
    const file = await sdkUpload(`${name}.jsonl`, content, { purpose: 'fine-tune' });
    await sdkUpload(`${name}.jsonl`);
    const list = await client.files.list({ purpose: 'fine-tune', search: name });
    assert.deepEqual(ids(list.data), [file.id]);
  });

  test('1.1 mimetypes: repeated key', async () => {
    const files = await five();
    const { mimetype } = files[0];
    assert.equal(typeof mimetype, 'string');
    const list = await client.files.list({ mimetypes: ['image/png', mimetype], search: marker });
    assert.equal(list.data.length, 5);
    assert.equal(
      (await client.files.list({ mimetypes: ['image/png'], search: marker })).data.length,
      0,
    );
  });

  test('1.1 all defaults at once, as TS with an object and Python always send them', async () => {
    const list = await client.files.list({});
    assert.ok(list.data.length <= 100);
    (await get('/v1/files?page=0&page_size=100&include_total=true')).ok();
  });
});

describe('1.1 FileSchema', { concurrency: 8 }, () => {
  const forms = {
    id: (value) => typeof value === 'string' && value.length > 0,
    object: (value) => value === 'file',
    bytes: (value) => value === Buffer.byteLength(content),
    created_at: (value) => isUnixSeconds(value) && Math.abs(value - Date.now() / 1000) < 600,
    filename: (value) => value === 'example.file.jsonl',
    purpose: (value) => value === 'batch',
    sample_type: (value) => value === 'batch_request',
    source: (value) => value === 'upload',
    num_lines: (value) => value === 2,
    mimetype: (value) => value === null || typeof value === 'string',
    signature: (value) => value === null || typeof value === 'string',
    expires_at: (value) => value === null || isUnixSeconds(value),
    visibility: (value) => value === 'workspace',
  };
  for (const [field, holds] of Object.entries(forms)) {
    test(`1.1 FileSchema, ${field}: in upload, retrieve and list`, async () => {
      const file = await uploaded();
      const retrieved = (await get(`/v1/files/${file.id}`)).ok();
      const listed = (await get('/v1/files?search=example.file.jsonl&page_size=1000')).ok();
      for (const view of [file, retrieved, listed.data.find((item) => item.id === file.id)]) {
        assert.ok(field in view && holds(view[field]), `${field} in ${JSON.stringify(view)}`);
      }
    });
  }

  test('1.1 FileSchema, id: a UUID', async () => {
    assert.match((await uploaded()).id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('1.1 FileSchema, deleted: a boolean when retrieved', async () => {
    const file = await uploaded();
    assert.strictEqual((await get(`/v1/files/${file.id}`)).ok().deleted, false);
  });

  test('1.1 FileSchema, sample_type and source: output batch_result, errors batch_error, made by mistral', async () => {
    const job = await mixedJob();
    const output = await client.files.retrieve({ fileId: job.output_file });
    const errors = await client.files.retrieve({ fileId: job.error_file });
    assert.deepEqual([output.sampleType, output.source], ['batch_result', 'mistral']);
    assert.deepEqual([errors.sampleType, errors.source], ['batch_error', 'mistral']);
    assert.ok(['batch', 'batch_output'].includes(output.purpose));
    assert.deepEqual([output.numLines, errors.numLines], [1, 1]);
  });

  test('1.1 FileSchema, signature: the same for the same content', async () => {
    const [one, two, other] = [
      await upload(content),
      await upload(content),
      await upload(content + content),
    ];
    assert.equal(one.signature, two.signature);
    assert.notEqual(one.id, two.id);
    assert.notEqual(one.signature, other.signature);
  });

  test('1.1 a file that a job reads can be deleted without harm to the job or is kept', async () => {
    const created = await createJob(
      sequence(20, (id) => mistralLine(id, 'Slowly. [[latency:100ms]]')),
    );
    const answer = await exchange('DELETE', `/v1/files/${created.input_files[0]}`);
    if (answer.status !== 200) {
      answer.refused(400, 409, 422);
    }
    assert.equal((await finishedJob(created.id)).status, 'SUCCESS');
  });
});
