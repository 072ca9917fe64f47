// node weights.mjs FILE: writes a small Llama of random weights as GGUF, about 12 MB, the same for the same seed.
// It knows single bytes only, and what it writes makes no sense; what it costs to compute is real.
import { writeFileSync } from 'node:fs'

const EMBEDDING = 256, LAYERS = 4, HEADS = 4, FEED_FORWARD = 512, CONTEXT = 4096, ALIGNMENT = 32
const U32 = 4, I32 = 5, F32 = 6, STRING = 8, ARRAY = 9

let seed = 20260301
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32 - 0.5
}

const parts = []
const u32 = n => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b }
const i32 = n => { const b = Buffer.alloc(4); b.writeInt32LE(n); return b }
const f32 = n => { const b = Buffer.alloc(4); b.writeFloatLE(n); return b }
const u64 = n => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b }
const text = s => { const b = Buffer.from(s); return Buffer.concat([u64(b.length), b]) }
const scalar = { [U32]: u32, [I32]: i32, [F32]: f32, [STRING]: text }
const pair = (key, type, value) => Buffer.concat([text(key), u32(type), scalar[type](value)])
const list = (key, type, values) =>
  Buffer.concat([text(key), u32(ARRAY), u32(type), u64(values.length), ...values.map(scalar[type])])

const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`)
const tokens = ['<unk>', '<s>', '</s>', ...bytes, '\u2581']
const types = [2, 3, 3, ...bytes.map(() => 6), 1]

const pairs = [
  pair('general.architecture', STRING, 'llama'),
  pair('general.name', STRING, 'random'),
  pair('general.file_type', U32, 0),
  pair('llama.context_length', U32, CONTEXT),
  pair('llama.embedding_length', U32, EMBEDDING),
  pair('llama.block_count', U32, LAYERS),
  pair('llama.feed_forward_length', U32, FEED_FORWARD),
  pair('llama.attention.head_count', U32, HEADS),
  pair('llama.attention.head_count_kv', U32, HEADS),
  pair('llama.attention.layer_norm_rms_epsilon', F32, 1e-5),
  pair('llama.rope.dimension_count', U32, EMBEDDING / HEADS),
  pair('tokenizer.ggml.model', STRING, 'llama'),
  list('tokenizer.ggml.tokens', STRING, tokens),
  list('tokenizer.ggml.scores', F32, tokens.map(() => 0)),
  list('tokenizer.ggml.token_type', I32, types),
  pair('tokenizer.ggml.unknown_token_id', U32, 0),
  pair('tokenizer.ggml.bos_token_id', U32, 1),
  pair('tokenizer.ggml.eos_token_id', U32, 2),
]

const tensors = [['token_embd.weight', [EMBEDDING, tokens.length]], ['output_norm.weight', [EMBEDDING]],
  ['output.weight', [EMBEDDING, tokens.length]]]
for (let i = 0; i < LAYERS; i++) {
  for (const [name, shape] of [['attn_norm', [EMBEDDING]], ['attn_q', [EMBEDDING, EMBEDDING]],
    ['attn_k', [EMBEDDING, EMBEDDING]], ['attn_v', [EMBEDDING, EMBEDDING]], ['attn_output', [EMBEDDING, EMBEDDING]],
    ['ffn_norm', [EMBEDDING]], ['ffn_gate', [EMBEDDING, FEED_FORWARD]], ['ffn_up', [EMBEDDING, FEED_FORWARD]],
    ['ffn_down', [FEED_FORWARD, EMBEDDING]]]) {
    tensors.push([`blk.${i}.${name}.weight`, shape])
  }
}

parts.push(Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(pairs.length), ...pairs)
let offset = 0
const padded = n => Math.ceil(n / ALIGNMENT) * ALIGNMENT
for (const [name, shape] of tensors) {
  parts.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset))
  offset += padded(4 * shape.reduce((a, b) => a * b))
}
const head = parts.reduce((n, p) => n + p.length, 0)
parts.push(Buffer.alloc(padded(head) - head))
for (const [, shape] of tensors) {
  const count = shape.reduce((a, b) => a * b)
  const data = Buffer.alloc(padded(4 * count))
  for (let i = 0; i < count; i++) data.writeFloatLE(shape.length === 1 ? 1 : random() * 0.2, 4 * i)
  parts.push(data)
}
writeFileSync(process.argv[2], Buffer.concat(parts))
