import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { packageRoot } from "../../src/core/package-root.js";
import { loadHead } from "../../src/heads/load-head.js";
import * as headstart from "../../src/index.js";
import { matrix } from "../../src/linalg/matrix.js";
import { compareAnswers } from "../../src/pipeline/export/compare-answers.js";
import { probabilityRange } from "../../src/pipeline/export/probability-range.js";
import { workplace } from "./run-cli.js";
import { rowsOf } from "./tagged-texts.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
const root = packageRoot();
const shared = join(root, "../shared");
const ROWS = 200;

type Texts = { text: string; label: string }[];

function readCsv(file: string): Texts {
  return parse(readFileSync(file), { columns: true }) as Texts;
}

/**
 * Trains on all texts, exports with a check on them, and asks the file for each of them with nothing but ONNX Runtime:
 * the answers are those of `predict` on the vectors that were stored.
 */
async function fusedAnswersAlike(name: string, texts: Texts, id: string): Promise<void> {
  write(`${name}.jsonl`, texts.map(({ text, label }) => JSON.stringify({ text, label })).join("\n"));
  const [embeddings, head, out] = [at(`${name}.arrow`), at(`${name}.onnx`), at(`${name}.fused.onnx`)];
  await headstart.embed({ input: at(`${name}.jsonl`), out: embeddings, backbone: id });
  await headstart.train({ embeddings, out: head, head: "logistic-regression", cv: 0 });
  const exported = await headstart.exportHead({ head, out, check: at(`${name}.jsonl`) });
  expect(exported.check).toMatchObject({ input: at(`${name}.jsonl`), rows: ROWS, unreadable: 0 });
  expect(exported.check!.largestDifference).toBeLessThan(1e-4);
  const twoSteps: headstart.Prediction[] = [];
  await headstart.predict({
    ...{ head, input: embeddings, scores: true },
    onRow: (row) => twoSteps.push(row),
  });
  const { preprocessor } = await resolveBackbone(id);
  if (preprocessor.kind !== "text") throw new Error("a text backbone was expected");
  const session = await ort.InferenceSession.create(out, { intraOpNumThreads: 1 });
  let largest = 0;
  for (const [i, { text }] of texts.entries()) {
    const { ids } = preprocessor.encode(text);
    const dims = [1, ids.length];
    const filled = (value: bigint) =>
      new ort.Tensor("int64", new BigInt64Array(ids.length).fill(value), dims);
    const feeds = {
      input_ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), dims),
      ...(session.inputNames.includes("attention_mask") && { attention_mask: filled(1n) }),
      ...(session.inputNames.includes("token_type_ids") && { token_type_ids: filled(0n) }),
    };
    const { label, scores } = await session.run(feeds);
    expect(label!.data[0]).toBe(twoSteps[i]!.prediction);
    Object.values(twoSteps[i]!.scores!).forEach((score, k) => {
      largest = Math.max(largest, Math.abs(score - Number(scores!.data[k])));
    });
  }
  await session.release();
  expect(twoSteps).toHaveLength(ROWS);
  expect(largest).toBeLessThan(1e-4);
}

describe("a fused file on 200 real rows", () => {
  it("answers as in two steps: reviews and words of data/sentiment, on the embedded backbone", async () => {
    const reviews = readCsv(join(root, "data/sentiment/reviews.csv"));
    const words = readCsv(join(root, "data/sentiment/built/words.csv"));
    await fusedAnswersAlike("reviews", [...reviews, ...words].slice(0, ROWS), "use-lite");
  });

  const miniLm = join(shared, "models/all-MiniLM-L6-v2");
  const mr = join(shared, "data/text/mr.csv");
  const here = existsSync(miniLm) && existsSync(mr);
  it.skipIf(!here)(
    `answers as in two steps: film reviews on MiniLM${here ? "" : " (skipped: no ../shared)"}`,
    async () => {
      const rows = readCsv(mr);
      const step = Math.floor(rows.length / ROWS);
      const spread = Array.from({ length: ROWS }, (_, i) => rows[i * step]!);
      await fusedAnswersAlike("mr", spread, miniLm);
    },
    120_000,
  );

  const lite0 = join(shared, "models/efficientnet-lite0");
  const insects = join(shared, "data/images/hymenoptera");
  const alsoHere = existsSync(lite0) && existsSync(insects);
  it.skipIf(!alsoHere)(
    `answers as in two steps: ants and bees on EfficientNet${alsoHere ? "" : " (skipped: no ../shared)"}`,
    async () => {
      const [embeddings, head] = [at("insects.arrow"), at("insects.onnx")];
      await headstart.embed({ input: join(insects, "train"), out: embeddings, backbone: lite0, sample: 0.2 });
      await headstart.train({ embeddings, out: head, cv: 0 });
      const out = at("insects.fused.onnx");
      const { check } = await headstart.exportHead({ head, out, check: join(insects, "train") });
      expect(check).toMatchObject({ rows: ROWS, unreadable: 0 });
      expect(check!.largestDifference).toBeLessThan(1e-4);
    },
    120_000,
  );
});

describe.concurrent("export --check", () => {
  beforeAll(async () => {
    const rows = rowsOf(150, 1);
    write("tags.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    await headstart.embed({
      input: at("tags.jsonl"),
      out: at("tags.arrow"),
      label: "tags",
      multiLabel: true,
    });
    for (const threshold of [undefined, { metric: "recall", value: 0.95 } as const]) {
      await headstart.train({
        ...{ embeddings: at("tags.arrow"), out: at(threshold ? "moved.onnx" : "tags.onnx"), cv: 3 },
        ...({ head: "linear-svm", calibrate: "isotonic" } as const),
        ...(threshold && { threshold }),
      });
    }
  });

  it("tells how many rows it looked at, and which it passed over", async () => {
    const texts = ["good", "", "a fine day", "   ", "it rains"].map((text) => JSON.stringify({ text }));
    write("some.jsonl", texts.join("\n"));
    const flags = ["export", "tags.onnx", "--fuse", "-o", "some.onnx", "--check", "some.jsonl"];
    const found = await json<headstart.ExportResult>(flags);
    expect(found.check).toMatchObject({ input: "some.jsonl", rows: 3, unreadable: 2 });
    const { stdout } = await run(flags);
    expect(stdout).toMatch(
      /^ {2}checked +3 rows of some\.jsonl, largest difference .*\(2 unreadable, passed over\)$/m,
    );
  });

  it("refuses rows that the backbone does not read, and keeps no file", async () => {
    const flags = ["export", "tags.onnx", "--fuse", "-o", "never.onnx", "--check"];
    await refused([...flags, "tags.arrow"], 2, /tags\.arrow holds vectors/, /that was embedded/);
    await refused([...flags, join(root, "data/emoji/built")], 2, /reads texts?, but .* holds images/, /text/);
    write("empty.jsonl", '{"text":""}\n{"text":" "}\n');
    await refused([...flags, "empty.jsonl"], 1, /no row to check/, /--check/);
    await refused([...flags, "absent.csv"], 1, /absent\.csv/, /./);
    expect(existsSync(at("never.onnx"))).toBe(false);
  });

  it("names the row that differs", () => {
    const answers = (score: number) => ({
      ...{ labels: ["x"], probabilities: null },
      scores: matrix(Float32Array.of(score, 0), 1, 2),
    });
    const named = () => "row 'r7' of rows.csv";
    expect(() => compareAnswers(answers(1), answers(1.1), null, named)).toThrow(
      /row 'r7' of rows\.csv has scores 1 apart/,
    );
  });

  it.each(["tags", "moved"])("compares probabilities of labels with isotonic maps: %s", async (name) => {
    const options = { head: at(`${name}.onnx`), out: at(`${name}.fused.onnx`), check: at("tags.jsonl") };
    const exported = await headstart.exportHead(options);
    expect(exported.check).toMatchObject({ rows: 150 });
    expect(exported.outputs.map((output) => output.name)).toContain("probabilities");
    const bytes = readFileSync(at(`${name}.onnx`));
    const head = await loadHead(bytes);
    const { X } = await headstart.readEmbeddings(at("tags.arrow"));
    const apart = await head.run(matrix(X.data, X.rows, X.cols));
    expect(head.meta.multiLabel!.thresholds.some((value) => value !== 0)).toBe(name === "moved");
    const range = (await probabilityRange(bytes, head))!;
    const scores = { ...apart.scores, data: apart.scores.data.map((score) => score + 1e-6) };
    const allowed = await range.of(apart.scores, scores);
    let narrow = 0;
    apart.probabilities!.data.forEach((p, k) => {
      expect(p).toBeGreaterThanOrEqual(allowed.low[k]! - 1e-6);
      expect(p).toBeLessThanOrEqual(allowed.high[k]! + 1e-6);
      if (allowed.high[k]! - allowed.low[k]! < 0.01) narrow++;
    });
    expect(narrow / allowed.low.length).toBeGreaterThan(0.9);
    const wrong = apart.probabilities!.data.map((p, k) => (k === 0 ? (p > 0.5 ? p - 0.3 : p + 0.3) : p));
    const tampered = { ...apart, probabilities: { ...apart.probabilities!, data: wrong } };
    expect(() => compareAnswers(apart, tampered, allowed)).toThrow(/row 0 of the sample has probabilities/);
    expect(compareAnswers(apart, apart, allowed)).toBe(0);
    await range.release();
    await head.release();
  });
});
