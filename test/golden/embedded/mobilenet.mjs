/**
 * Writes fixtures/mobilenet-v2-mid.json: what the original graph gives in its own runtime, TensorFlow.js, for
 * pictures made by formula. Contributors run it, after `npm install` in this folder:
 *   node mobilenet.mjs
 */
import { readFileSync, writeFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import * as tf from "@tensorflow/tfjs";

const source = new URL("../../../node_modules/nsfwjs/dist/models/mobilenet_v2_mid/", import.meta.url);
const exported = (file) => {
  const module = { exports: {} };
  runInNewContext(readFileSync(new URL(file, source), "utf8"), { module, exports: module.exports });
  return module.exports;
};

const json = exported("model.min.js");
const [group] = json.weightsManifest;
const bytes = Buffer.concat(group.paths.map((path) => Buffer.from(exported(`${path}.min.js`), "base64")));
const artifacts = {
  modelTopology: JSON.parse(JSON.stringify(json.modelTopology)),
  format: json.format,
  userDefinedMetadata: JSON.parse(JSON.stringify(json.userDefinedMetadata)),
  weightSpecs: JSON.parse(JSON.stringify(group.weights)),
  weightData: new Uint8Array(bytes).buffer,
};

await tf.setBackend("cpu");
const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
const layer = json.modelTopology.node.find(({ name }) =>
  name.endsWith("/expanded_conv_13/expand/Relu6"),
).name;

/** Byte of picture `k` at a pixel and channel; test/mobilenet-v2-mid.test.ts makes the same. */
const byteAt = (k, y, x, c) => {
  const noise = Math.imul(x * 7919 + y * 104729 + c * 1299709 + k * 15485863, 2654435761) >>> 24;
  const ramp = Math.floor((x * (k + 1) + y * (c + 1)) / 3) % 256;
  const disc =
    (x - 112) ** 2 + (y - 90 - 10 * k) ** 2 < (30 + 12 * k) ** 2 ? [230, 120, 40][c] : [20, 90, 160][c];
  return [noise, ramp, disc, (noise + ramp) >> 1, (disc + ramp) >> 1, k * 20 + c * 60][k];
};

const SIZE = 224;
const vectors = [];
for (let k = 0; k < 6; k++) {
  const colors = new Float32Array(SIZE * SIZE * 3);
  for (let y = 0, at = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) for (let c = 0; c < 3; c++) colors[at++] = byteAt(k, y, x, c) / 255;
  }
  const input = tf.tensor4d(colors, [1, SIZE, SIZE, 3]);
  const pooled = model.execute({ input }, layer).mean([1, 2]);
  vectors.push([...(await pooled.data())].map((value) => Number(value.toPrecision(7))));
}
const fixture = { runtime: `@tensorflow/tfjs ${tf.version.tfjs}`, layer, size: SIZE, vectors };
writeFileSync(
  new URL("./fixtures/mobilenet-v2-mid.json", import.meta.url),
  `${JSON.stringify(fixture).replace(/\],\[/g, "],\n[")}\n`,
);
