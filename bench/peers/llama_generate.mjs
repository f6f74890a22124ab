// Times llama.cpp, as npm's node-llama-cpp brings it, on a GGUF file: a prompt of half of the context, then a token at a time until the
// context is full, as habla bench generate does it. One JSON object to standard output.
//
//     node bench/peers/llama_generate.mjs --model FILE --context T --threads N --seconds S
//
// Nothing is downloaded or compiled. Tokens are given; the likeliest is chosen too, but not used. Two texts take turns, so that no round
// finds its prompt in the cache. What JavaScript adds to a token is part of the time. LLAMA_CPP_PEER names another folder to find
// node_modules in than tests/peers/llama-cpp.
import { resolve, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const installed = process.env.LLAMA_CPP_PEER ?? resolve(root, 'tests/peers/llama-cpp');
const library = await import(pathToFileURL(resolve(installed, 'node_modules/node-llama-cpp/dist/index.js')));

const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].slice(2)] = process.argv[i + 1];
const contextSize = Number(options.context), threads = Number(options.threads), seconds = Number(options.seconds);

const llama = await library.getLlama({
  gpu: false, build: 'never', skipDownload: true, progressLogs: false, logLevel: library.LlamaLogLevel.error, maxThreads: threads,
});
const model = await llama.loadModel({ modelPath: options.model });
const context = await model.createContext({ contextSize, batchSize: contextSize, threads, flashAttention: false });
const sequence = context.getSequence();
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
const promptLength = Math.max(1, Math.floor(contextSize / 2));

// Two texts of random ids that differ from their first token on.
const texts = [0, 1].map((text) => Array.from({ length: contextSize }, (_, i) => {
  const x = Math.sin(text * 7919 + i * 104729 + 1) * 43758.5453;
  return i === 0 ? text : Math.floor((x - Math.floor(x)) * vocabulary);
}));

const now = () => Number(process.hrtime.bigint()) / 1e9;
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// Prompt and tokens of one round; the first time of a round is that of the prompt.
async function round(text, times, prompts) {
  await sequence.clearHistory();
  let last = now();
  const tokens = sequence.evaluate(text.slice(0, promptLength), { temperature: 0, yieldEogToken: true });
  for (let position = promptLength, given; ; position++) {
    const { done } = await tokens.next(given);
    const time = now();
    (position === promptLength ? prompts : times).push(time - last);
    if (done || position === contextSize - 1) break;
    last = time;
    given = text[position];
  }
  await tokens.return();
}

async function measure() {
  const times = [], prompts = [];
  const start = now();
  for (let i = 0; i === 0 || now() - start < seconds; i++) await round(texts[i % 2], times, prompts);
  return { times, prompts };
}

await measure(); // warms up
const { times, prompts } = await measure();
const [token, prompt] = [median(times), median(prompts)];
console.log(JSON.stringify({
  context: contextSize, prompt_tokens: promptLength, vocabulary, threads: context.currentThreads || threads,
  prompt_tokens_per_s: promptLength / prompt, first_token_ms: prompt * 1e3,
  decode_tokens_per_s: 1 / token, decode_median_ms: token * 1e3, decoded_tokens: times.length,
}));
process.exit(0);
