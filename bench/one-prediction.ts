import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveBackbone } from "../src/backbones/resolve-backbone.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";
import { fitHead } from "../src/heads/head.js";
import { headToOnnx, loadHead } from "../src/heads/head-onnx.js";
import { encodeLabels } from "../src/heads/labels.js";
import { matrix } from "../src/linalg/matrix.js";
import { encodeModel } from "../src/onnx/encode-model.js";
import { type Feed, openSession } from "../src/onnx/session.js";
import { classifierSession } from "../src/pipeline/export/classifier-session.js";
import { exportHead } from "../src/pipeline/export/export-head.js";
import { openClassifier } from "../src/pipeline/open-classifier.js";

/*
 * One prediction, warm: a text to its label, against the bare session of the backbone on ready-made tensors.
 * All ways take turns, text by text, on one thread each; milliseconds at the 10th and the 50th
 * percentile, and of CPU time, which tells more where the machine is busy. Run: npm run bench:one
 */
const ROUNDS = 90;
const SENTENCES = [
  "What is the capital of France?",
  "A warm welcome, a wonderful breakfast and a room that was bright, quiet and spotless on both of our visits.",
];
const shared = join(packageRoot(), "../shared/models/all-MiniLM-L6-v2");
const threads = 1;

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!;

async function measure(id: string, headName: string, folder: string): Promise<string[]> {
  const backbone = await resolveBackbone(id);
  const { preprocessor, spec, fingerprint } = backbone;
  if (preprocessor.kind !== "text") throw new TypeError("texts only");
  const draw = random(1);
  const data = Float32Array.from({ length: 400 * spec.dim }, () => (draw.next() - 0.5) / 8);
  const labels = Array.from({ length: 400 }, (_, i) => (data[i * spec.dim]! > 0 ? "yes" : "no"));
  const trained = await fitHead({ name: headName }, matrix(data, 400, spec.dim), encodeLabels(labels));
  const bytes = headToOnnx(trained, { fingerprint, backbone: spec, metrics: null });
  const [headFile, out] = [join(folder, "head.onnx"), join(folder, "classifier.onnx")];
  await writeFile(headFile, bytes);
  await exportHead({ head: headFile, out });

  const { model, folder: weights, shape } = await backbone.graph();
  const bare = await openSession(encodeModel(model), { threads, weights });
  const encoder = await backbone.open({ threads });
  const head = await loadHead(bytes);
  const classifier = await openClassifier(headFile, { threads });
  const fused = await openSession(out, { threads });
  const ask = classifierSession(fused, shape, head.classes);
  const lines: string[] = [];
  for (const text of SENTENCES) {
    const { ids } = preprocessor.encode(text);
    const dims = [1, ids.length];
    const feeds: Record<string, Feed> = { input_ids: { dtype: "int64", data: ids, dims } };
    for (const name of bare.inputs) {
      const value = name === "token_type_ids" ? 0 : 1;
      feeds[name] ??= { dtype: "int64", data: new Int32Array(ids.length).fill(value), dims };
    }
    const ways: Record<string, () => Promise<unknown>> = {
      "bare session": () => bare.run(feeds),
      "backbone, then head": async () => {
        const vector = await encoder.encodeTexts([preprocessor.encode(text).ids]);
        return (await head.run(matrix(vector, 1, spec.dim))).labels[0];
      },
      openClassifier: () => classifier.predict(text),
      "fused file": () => ask((one) => one.encodeTexts([preprocessor.encode(text).ids])),
    };
    const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
    const work = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
    for (let round = -10; round < ROUNDS; round++) {
      // Each way comes first, second and last as often as the others.
      const order = Object.entries(ways);
      const turn = (round + 12) % order.length;
      for (const [name, run] of [...order.slice(turn), ...order.slice(0, turn)]) {
        const before = process.cpuUsage();
        const start = performance.now();
        await run();
        if (round < 0) continue;
        times.get(name)!.push(performance.now() - start);
        const { user, system } = process.cpuUsage(before);
        work.get(name)!.push((user + system) / 1000);
      }
    }
    const bareTimes = times.get("bare session")!;
    for (const [name, each] of times) {
      const shares = [0.1, 0.5].map((share) => quantile(each, share) / quantile(bareTimes, share));
      const cells = [spec.id.split("/").at(-1), headName, ids.length, name];
      for (const share of [0.1, 0.5]) cells.push(quantile(each, share).toFixed(2));
      for (const share of shares) cells.push(share.toFixed(2));
      const cpu = quantile(work.get(name)!, 0.5);
      cells.push(cpu.toFixed(2), (cpu / quantile(work.get("bare session")!, 0.5)).toFixed(2));
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  await Promise.all([classifier.close(), bare.release(), encoder.release(), head.release(), fused.release()]);
  return lines;
}

const folder = await mkdtemp(join(tmpdir(), "headstart-bench-"));
try {
  const lines = [
    "| backbone | head | tokens | way | ms (10 %) | ms (50 %) | of bare (10 %) | of bare (50 %) | CPU ms (50 %) | of bare |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const id of ["use-lite", ...(existsSync(shared) ? [shared] : [])]) {
    for (const head of ["linear-svm", "svm", "random-forest"])
      lines.push(...(await measure(id, head, folder)));
  }
  process.stdout.write(`${lines.join("\n")}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
