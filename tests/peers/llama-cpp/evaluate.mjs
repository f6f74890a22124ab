// evaluate.mjs QUESTION ANSWER: reads {"model": path, "texts": [...], "greedy": n, "context": T}; writes a list with, for each text,
// {"ids": [...], "logits": [[V numbers] for each id], "greedy": [n ids]}. Nothing is downloaded or compiled; keys and values stay in float32.
import { readFileSync, writeFileSync } from 'node:fs';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const question = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath: question.model });
const context = await model.createContext({
  contextSize: question.context, batchSize: question.context, threads: 1, flashAttention: false,
  experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32',
});
const sequence = context.getSequence();

// The logits behind each token, by id.
async function logits(tokens) {
  const asked = tokens.map((token) => [token, { generateNext: { logits: true } }]);
  return (await sequence.controlledEvaluate(asked)).map(({ next }) => {
    const row = new Array(next.logits.size);
    for (const [id, value] of next.logits) row[id] = value;
    return row;
  });
}

const answers = [];
for (const text of question.texts) {
  await sequence.clearHistory();
  // What the file says about a beginning is followed; names of special tokens are ordinary text.
  const ids = [...(model.tokens.shouldPrependBosToken ? [model.tokens.bos] : []), ...model.tokenize(text)];
  const rows = await logits(ids);
  const greedy = [];
  for (let last = rows.at(-1); greedy.length < question.greedy; [last] = await logits(greedy.slice(-1))) {
    greedy.push(last.indexOf(Math.max(...last)));
  }
  answers.push({ ids, logits: rows, greedy });
}

writeFileSync(process.argv[3], JSON.stringify(answers));
process.exit(0);
