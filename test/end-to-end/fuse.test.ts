import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, loadHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { matrix } from "../../src/linalg/matrix.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { gatherWeights } from "../../src/onnx/gather-weights.js";
import { exportHead } from "../../src/pipeline/export/export-head.js";
import { inspect } from "../../src/pipeline/inspect.js";
import { openHead } from "../../src/pipeline/load-head.js";
import { temporaryFolder } from "../data/temporary-folder.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path: folder } = temporaryFolder();
const shared = join(packageRoot(), "../shared/models");
const WORDS = REVIEWS.map(({ review }) => review)
  .join(" ")
  .split(" ");
/** Rows that are answered twice, a batch of one each; images take longest. */
const ROWS = { text: 200, image: 60, audio: 0 } as const;

/** Texts of 1 to 30 words. */
function texts(): string[] {
  const draw = random(5);
  return Array.from({ length: ROWS.text }, () =>
    Array.from(
      { length: 1 + Math.floor(draw.next() * 30) },
      () => WORDS[Math.floor(draw.next() * WORDS.length)],
    ).join(" "),
  );
}

/** Pixels as a preprocessor leaves them: a slope and noise, a different mixture a row. */
function pixels(row: number, size: number): Float32Array {
  const draw = random(row);
  const slope = draw.next() * 4 - 2;
  return Float32Array.from({ length: size }, (_, k) => slope * (k / size) + draw.next() - 0.5);
}

interface Row {
  readonly label: string;
  readonly scores: Float32Array;
}

/** Trains a head on the backbone's own vectors of all rows, and answers for them in two steps. */
async function twoSteps(id: string, recipe: { name: string; set?: Record<string, unknown> }, path: string) {
  const backbone = await resolveBackbone(id);
  const { preprocessor, spec } = backbone;
  const encoder = await backbone.open({ threads: 1 });
  const count = ROWS[preprocessor.kind];
  const vectors = new Float32Array(count * spec.dim);
  const contents: (Int32Array | Float32Array)[] = [];
  const words = texts();
  for (let row = 0; row < count; row++) {
    if (preprocessor.kind === "text") {
      const { ids } = preprocessor.encode(words[row]!);
      contents.push(ids);
      vectors.set(await encoder.encodeTexts([ids]), row * spec.dim);
    } else if (preprocessor.kind === "image") {
      const image = pixels(row, 3 * preprocessor.width * preprocessor.height);
      contents.push(image);
      vectors.set(await encoder.encodeImages([image]), row * spec.dim);
    }
  }
  await encoder.release();
  const X = matrix(vectors, count, spec.dim);
  // Classes by the first direction that varies: something that can be learnt.
  const key = Array.from(
    { length: count },
    (_, row) => vectors[row * spec.dim]! + vectors[row * spec.dim + 1]!,
  );
  const middle = [...key].sort((a, b) => a - b)[count / 2]!;
  const labels = encodeLabels(key.map((value) => (value > middle ? "grün" : "not\nso")));
  const head = await fitHead(recipe, X, labels);
  const bytes = headToOnnx(head, { fingerprint: backbone.fingerprint, backbone: spec, metrics: null });
  writeFileSync(path, bytes);
  const loaded = await loadHead(bytes);
  const { labels: answers, scores } = await loaded.run(X);
  await loaded.release();
  const rows: Row[] = answers.map((label, i) => ({ label, scores: scores.data.slice(i * 2, i * 2 + 2) }));
  return { rows, contents, backbone };
}

/** One row through ONNX Runtime itself, nothing of this project between. */
async function ask(
  session: ort.InferenceSession,
  content: Int32Array | Float32Array,
  size: number,
): Promise<Row> {
  const feeds: Record<string, ort.Tensor> = {};
  if (content instanceof Int32Array) {
    const dims = [1, content.length];
    feeds.input_ids = new ort.Tensor("int64", BigInt64Array.from(content, BigInt), dims);
    for (const [name, value] of [
      ["attention_mask", 1n],
      ["token_type_ids", 0n],
    ] as const) {
      if (session.inputNames.includes(name))
        feeds[name] = new ort.Tensor("int64", new BigInt64Array(content.length).fill(value), dims);
    }
  } else feeds[session.inputNames[0]!] = new ort.Tensor("float32", content, [1, 3, size, size]);
  const out = await session.run(feeds);
  return { label: out.label!.data[0] as string, scores: out.scores!.data as Float32Array };
}

const BACKBONES = [
  { id: "use-lite", recipe: { name: "linear-svm" }, here: true },
  { id: "use-lite", recipe: { name: "random-forest", set: { nEstimators: 30 } }, here: true },
  { id: "mobilenet-v2-mid", recipe: { name: "svm" }, here: true },
  { id: join(shared, "all-MiniLM-L6-v2"), recipe: { name: "logistic-regression" }, here: existsSync(shared) },
  { id: join(shared, "efficientnet-lite0"), recipe: { name: "ridge" }, here: existsSync(shared) },
];

describe("a head fused with its backbone", () => {
  BACKBONES.forEach(({ id, recipe, here }, n) => {
    const name = `${id.split("/").at(-1)} and ${recipe.name} answer as in two steps, with ONNX Runtime alone`;
    it.skipIf(!here)(
      `${name}${here ? "" : " (skipped: no ../shared/models)"}`,
      async () => {
        const [head, out] = [join(folder, `${n}.onnx`), join(folder, `${n}.classifier.onnx`)];
        const { rows, contents, backbone } = await twoSteps(id, recipe, head);
        const result = await exportHead({ head, out });
        expect(result).toMatchObject({
          dataFile: null,
          backbone: backbone.spec.id,
          head: expect.stringContaining(recipe.name),
        });
        expect(result.outputs.map(({ name }) => name).slice(0, 2)).toEqual(["label", "scores"]);
        const session = await ort.InferenceSession.create(out, { intraOpNumThreads: 1 });
        const { preprocessor } = backbone;
        const size = preprocessor.kind === "image" ? preprocessor.width : 0;
        let largest = 0;
        for (const [i, content] of contents.entries()) {
          const { label, scores } = await ask(session, content, size);
          expect(label).toBe(rows[i]!.label);
          scores.forEach((score, k) => {
            largest = Math.max(largest, Math.abs(score - rows[i]!.scores[k]!));
          });
        }
        await session.release();
        expect(largest).toBeLessThan(1e-4);
        expect(new Set(rows.map(({ label }) => label)).size).toBe(2);
      },
      60_000,
    );
  });

  it("says what it is, and is no head", async () => {
    const out = join(folder, "0.classifier.onnx");
    const found = await inspect(out);
    expect(found).toMatchObject({
      kind: "classifier",
      tokenizer: true,
      inputs: [{ name: "input_ids", dtype: "int64" }, { name: "attention_mask" }],
      classifier: { modality: "text", sample: { content: { kind: "tokens" } } },
    });
    await expect(openHead(out)).rejects.toMatchObject({
      code: "format",
      message: expect.stringContaining("is a classifier"),
    });
  });

  it("keeps no file where the answers differ", async () => {
    const { compareAnswers } = await import("../../src/pipeline/export/compare-answers.js");
    const answers = (a: number, label: string) => ({
      labels: [label],
      scores: matrix(Float32Array.from([a, 0]), 1, 2),
      probabilities: null,
    });
    expect(compareAnswers(answers(1, "x"), answers(1.00005, "x"))).toBeCloseTo(5e-5, 6);
    expect(() => compareAnswers(answers(1, "x"), answers(1.0002, "x"))).toThrow(
      expect.objectContaining({ code: "model" }),
    );
    expect(() => compareAnswers(answers(1, "x"), answers(Number.NaN, "x"))).toThrow(/scores 1 apart, NaN/);
    expect(() => compareAnswers(answers(1, "x"), answers(1, "y"))).toThrow(/'x' apart, 'y' fused/);
  });

  it("puts weights beside the file where one would be too large", async () => {
    const backbone = await resolveBackbone("use-lite");
    const { model, folder: weights } = await backbone.graph();
    const data = join(folder, "split.onnx_data");
    const { bytes, dataFile } = await gatherWeights(model, weights, data, 1_000_000);
    expect(dataFile).toBe(data);
    expect(bytes.length).toBeLessThan(1_000_000);
    writeFileSync(join(folder, "split.onnx"), bytes);
    const { ids } = (backbone.preprocessor as { encode(text: string): { ids: Int32Array } }).encode(
      "a fine day",
    );
    const whole = await gatherWeights(model, weights, join(folder, "unused"));
    expect(whole.dataFile).toBeNull();
    expect(
      decodeModel(whole.bytes).graph.initializers.every(({ content }) => content.kind !== "external"),
    ).toBe(true);
    const run = async (source: string | Uint8Array) => {
      const session = await (typeof source === "string"
        ? ort.InferenceSession.create(source)
        : ort.InferenceSession.create(source));
      const dims = [1, ids.length];
      const out = await session.run({
        input_ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), dims),
        attention_mask: new ort.Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims),
      });
      await session.release();
      return out[session.outputNames[0]!]!.data;
    };
    expect(await run(join(folder, "split.onnx"))).toEqual(await run(whole.bytes));
  });
});

const python = process.env.HEADSTART_PYTHON;
const READS_SAMPLE = `
import json, sys, numpy as np, onnxruntime as ort
s = ort.InferenceSession(sys.argv[1])
r = json.loads(s.get_modelmeta().custom_metadata_map["headstart.classifier"])["sample"]
names, worst = [i.name for i in s.get_inputs()], 0
c = r["content"]
for row in range(len(r["labels"])):
    if c["kind"] == "tokens":
        ids = np.array([c["ids"][row]], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        feeds = {k: v for k, v in feeds.items() if k in names}
    else:
        k = np.arange(np.prod(c["dims"]), dtype=np.int64)
        noise = ((k + 104729 * row) * 7919 % 65537) / 65537 * 2 - 1
        feeds = {names[0]: noise.astype(np.float32).reshape([1, *c["dims"]])}
    label, scores = s.run(["label", "scores"], feeds)
    assert label[0] == r["labels"][row], (label, r["labels"][row])
    worst = max(worst, np.abs(scores[0] - np.array(r["scores"][row])).max())
print(worst)
`;

describe("in Python", () => {
  it.skipIf(python === undefined)(
    "a fused file answers its own sample (skipped without HEADSTART_PYTHON)",
    () => {
      for (const n of [0, 2]) {
        const ran = spawnSync(python!, ["-c", READS_SAMPLE, join(folder, `${n}.classifier.onnx`)], {
          encoding: "utf8",
          timeout: 60_000,
        });
        expect(ran.stderr).toBe("");
        expect(Number(ran.stdout)).toBeLessThan(1e-4);
      }
    },
  );
});

describe("headstart export", () => {
  const { refused } = workplace();
  it("wants --fuse, a head, and another name than the head's", async () => {
    const head = join(folder, "0.onnx");
    await refused(["export", head, "-o", "x.onnx"], 2, /needs no export/, /--fuse/);
    await refused(["export", head, "--fuse", "-o", head], 2, /is the input/, /another name/);
    await refused(
      ["export", "none.onnx", "--fuse", "-o", "x.onnx"],
      1,
      /There is no head/,
      /headstart train/,
    );
  });
});
