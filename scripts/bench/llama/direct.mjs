// node direct.mjs PORT SLOTS REQUESTS FILE: the server's own maximum: requests of a JSONL file, always SLOTS of them at once.
import { readFileSync } from 'node:fs'
const [port, slots, count, file] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4]), process.argv[5]]
const lines = readFileSync(file, 'utf8').trim().split('\n').slice(0, count).map(line => JSON.stringify(JSON.parse(line).body))
let next = 0, tokens = 0
const began = performance.now()
await Promise.all(Array.from({ length: slots }, async () => {
  while (next < lines.length) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body: lines[next++] })
    tokens += (await answer.json()).usage.completion_tokens
  }
}))
const seconds = (performance.now() - began) / 1e3
console.log(`${lines.length} requests in ${seconds.toFixed(1)} s: ${(lines.length / seconds).toFixed(1)} requests/s, ${(tokens / seconds).toFixed(0)} tokens/s`)
