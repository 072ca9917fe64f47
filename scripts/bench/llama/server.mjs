// node server.mjs PORT MODEL.gguf SLOTS: chats over llama.cpp, by way of the package node-llama-cpp (version 3.21.1, in
// node_modules of the working directory or above). Works on SLOTS requests at a time in one batch; others wait.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.cwd() + '/')
const { getLlama, LlamaCompletion } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href)
const [port, file, slots] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])]

const free = []
const waiting = []
let ready = false
let busiest = 0

const take = () => {
  busiest = Math.max(busiest, slots - free.length + (free.length > 0 ? 1 : 0))
  return free.length > 0 ? Promise.resolve(free.pop()) : new Promise(resolve => waiting.push(resolve))
}
const give = slot => { const next = waiting.shift(); if (next) next(slot); else free.push(slot) }
const body = async request => { let all = ''; for await (const part of request) all += part; return JSON.parse(all) }
const tell = (response, status, object) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(object))
}

const server = createServer(async (request, response) => {
  if (request.url === '/health') return tell(response, ready ? 200 : 503, { status: ready ? 'ok' : 'loading' })
  if (request.url !== '/v1/chat/completions') return tell(response, 404, { error: { message: 'not found' } })
  if (!ready) return tell(response, 503, { error: { message: 'loading the model' } })
  const asked = await body(request)
  const slot = await take()
  try {
    const prompt = asked.messages.map(m => `${m.role}: ${m.content}`).join('\n')
    const before = slot.sequence.tokenMeter.getState()
    const words = await slot.completion.generateCompletion(prompt, { maxTokens: asked.max_tokens ?? 16, temperature: 0 })
    const used = slot.sequence.tokenMeter.diff(before)
    tell(response, 200, {
      id: 'x', object: 'chat.completion', created: 0, model: asked.model,
      choices: [{ index: 0, message: { role: 'assistant', content: words }, finish_reason: 'length' }],
      usage: {
        prompt_tokens: used.usedInputTokens, completion_tokens: used.usedOutputTokens,
        total_tokens: used.usedInputTokens + used.usedOutputTokens,
      },
    })
  } catch (e) {
    tell(response, 500, { error: { message: String(e) } })
  } finally {
    give(slot)
  }
})
server.listen(port, '127.0.0.1')

const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, maxThreads: 1 })
const model = await llama.loadModel({ modelPath: file })
const context = await model.createContext({ sequences: slots, contextSize: 512 })
for (let i = 0; i < slots; i++) {
  const sequence = context.getSequence()
  free.push({ sequence, completion: new LlamaCompletion({ contextSequence: sequence }) })
}
ready = true
console.log(`llama.cpp is ready with ${slots} slots`)
