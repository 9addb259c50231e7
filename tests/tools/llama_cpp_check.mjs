// Asks llama.cpp what it makes of an exported GGUF and compares with recorded values.
//
//   npm install --prefix DIR node-llama-cpp           (NODE_LLAMA_CPP_SKIP_DOWNLOAD=true)
//   node tests/tools/llama_cpp_check.mjs DIR MODEL.gguf EXPECTED.json [TOLERANCE]
//
// EXPECTED is data/models/*/expected.json (greedy ids, losses of the tokens of passages, and how
// the passages' texts split into tokens) or fixtures/hf-parity/*/expected.json (greedy
// continuations). One JSON line a quantity; exit code 1 when one differs. A developer's tool: no
// test needs it.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {pathToFileURL} from "node:url";
import path from "node:path";

const [folder, modelPath, expectedPath, tolerance = "1e-4"] = process.argv.slice(2);
if (!expectedPath) {
    console.error("usage: llama_cpp_check.mjs DIR MODEL.gguf EXPECTED.json [TOLERANCE]");
    process.exit(2);
}
const resolve = createRequire(path.resolve(folder, "package.json")).resolve;
const {getLlama, LlamaLogLevel} = await import(pathToFileURL(resolve("node-llama-cpp")));
const expected = JSON.parse(readFileSync(expectedPath, "utf8"));

const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath});
const context = await model.createContext({flashAttention: false, batchSize: 512, threads: 1,
    experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32"});
const sequence = context.getSequence();

let failed = false;
function report(quantity, passed, details) {
    console.log(JSON.stringify({quantity, passed, ...details}));
    failed ||= !passed;
}

/** The logits behind each of the ids, a Map from token to number each. */
async function logitsAfter(ids, from = 0) {
    const items = ids.map((id, i) => i < from ? id : [id, {generateNext: {logits: true}}]);
    const results = await sequence.controlledEvaluate(items);
    return results.map((result) => result?.next?.logits);
}

function best(logits) {
    let token = -1;
    let most = -Infinity;
    for (const [id, value] of logits)
        if (value > most)
            [token, most] = [id, value];
    return token;
}

async function greedy(prompt, count) {
    await sequence.clearHistory();
    const ids = [];
    let next = best((await logitsAfter(prompt, prompt.length - 1)).at(-1));
    for (;;) {
        ids.push(next);
        if (ids.length === count)
            return ids;
        next = best((await logitsAfter([next])).at(-1));
    }
}

function compareIds(quantity, got, wanted) {
    const at = wanted.findIndex((id, i) => got[i] !== id);
    report(quantity, at < 0, {count: wanted.length, ...(at < 0 ? {} : {first_difference: at, got, wanted})});
}

function loss(logits, target) {
    const values = [...logits.values()];
    const most = Math.max(...values);
    const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
    return most + Math.log(sum) - logits.get(target);
}

if (expected.greedy_ids) {
    const prompt = expected.prompt_ids;
    const wanted = expected.greedy_ids.slice(prompt.length);
    compareIds("greedy ids", await greedy(prompt, wanted.length), wanted);
}
for (const passage of expected.passages ?? []) {
    await sequence.clearHistory();
    const logits = await logitsAfter(passage.ids);
    const differences =
        passage.token_nll.map((nll, i) => Math.abs(nll - loss(logits[i], passage.ids[i + 1])));
    const largest = Math.max(...differences);
    report(`token losses of "${passage.name}"`, largest <= Number(tolerance),
           {count: differences.length, largest_difference: largest});
    const withoutBos = passage.ids[0] === expected.bos_id ? passage.ids.slice(1) : passage.ids;
    compareIds(`tokens of "${passage.name}"`,
               model.tokenize(passage.text).slice(0, withoutBos.length), withoutBos);
}
for (const [name, run] of Object.entries(expected.generation ?? {})) {
    if (name === "with_eos")
        continue;
    for (const [row, ids] of run.input_ids.entries()) {
        const mask = run.attention_mask?.[row] ?? ids.map(() => 1);
        const prompt = ids.filter((_, i) => mask[i] === 1);
        compareIds(`greedy ids, ${name} ${row}`, await greedy(prompt, run.max_new_tokens),
                   run.continuation[row]);
    }
}
await llama.dispose();
process.exit(failed ? 1 : 0);
