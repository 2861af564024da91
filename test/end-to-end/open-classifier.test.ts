import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { pictureFolders } from "./pictures.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write } = workplace();
const at = (name: string): string => join(path, name);
const texts = REVIEWS.map(({ review }) => review);

describe("an open classifier", () => {
  let classifier: headstart.OpenClassifier;
  beforeAll(async () => {
    write("reviews.jsonl", REVIEWS.map((row) => JSON.stringify(row)).join("\n"));
    await headstart.embed({ input: at("reviews.jsonl"), out: at("reviews.arrow"), text: "review" });
    await headstart.train({
      ...{ embeddings: at("reviews.arrow"), out: at("reviews.onnx"), head: "logistic-regression", cv: 0 },
    });
    classifier = await headstart.openClassifier(at("reviews.onnx"));
  });
  afterAll(() => classifier.close());

  it("answers for texts as predict does, one at a time and many together", async () => {
    const rows: headstart.Prediction[] = [];
    await headstart.predict({
      head: at("reviews.onnx"),
      input: at("reviews.jsonl"),
      text: "review",
      scores: true,
      onRow: (row) => rows.push(row),
    });
    const together = await classifier.predict(texts);
    expect(classifier.modality).toBe("text");
    for (const [i, row] of rows.entries()) {
      const alone = i < 5 ? await classifier.predict(texts[i]!) : together[i]!;
      for (const answer of [alone, together[i]!]) {
        expect(answer.prediction).toBe(row.prediction);
        expect(answer.confidence).toBeCloseTo(row.confidence!, 5);
        classifier.labels.forEach((label, k) => {
          expect(answer.scores[k]).toBeCloseTo(row.scores![label]!, 4);
          expect(answer.probabilities![k]).toBeGreaterThan(0);
        });
      }
    }
    expect(await classifier.predict([])).toEqual([]);
  });

  it("takes vectors beside texts, and alone without a backbone", async () => {
    const { X } = await headstart.readEmbeddings(at("reviews.arrow"));
    const vectors = [0, 1, 2].map((i) => X.data.slice(i * X.cols, (i + 1) * X.cols));
    const mixed = await classifier.predict([vectors[0]!, texts[1]!, vectors[2]!]);
    const bare = await headstart.openClassifier(at("reviews.onnx"), { backbone: null });
    const answers = await bare.predict(vectors);
    expect(bare.modality).toBeNull();
    answers.forEach((answer, i) => {
      expect(mixed[i]!.prediction).toBe(answer.prediction);
      expect(mixed[i]!.confidence).toBeCloseTo(answer.confidence!, 5);
    });
    await expect(bare.predict("a text")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/no backbone is open/),
    });
    await bare.close();
  });

  it("names the input that it cannot take", async () => {
    await expect(classifier.predict(["fine", "  "])).rejects.toThrow("Input 1: empty text");
    await expect(classifier.predict(new Float32Array(3))).rejects.toThrow(
      /Input 0 has 3 numbers, the head takes/,
    );
    await expect(classifier.predict(["fine", new Uint8Array(4)])).rejects.toThrow(
      /Input 1 is of another kind/,
    );
    await expect(classifier.predict(new Float32Array(classifier.dim).fill(Number.NaN))).rejects.toThrow(
      /NaN/,
    );
  });

  it("abstains where that is asked for", async () => {
    const unsure = await headstart.openClassifier(at("reviews.onnx"), { abstainBelow: 1 });
    const answer = await unsure.predict(texts[0]!);
    expect(answer.prediction).toBeNull();
    expect(answer.confidence).toBeLessThan(1);
    await unsure.close();
    await expect(headstart.openClassifier(at("reviews.onnx"), { abstainBelow: 2 })).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("finishes what is under way when it is closed, and answers nothing after", async () => {
    const closing = await headstart.openClassifier(at("reviews.onnx"));
    const last = closing.predict(texts.slice(0, 8));
    await Promise.all([closing.close(), closing.close()]);
    expect(await last).toHaveLength(8);
    await expect(closing.predict("one more")).rejects.toMatchObject({ code: "usage" });
  });

  it("is refused for what is no head", async () => {
    await expect(headstart.openClassifier(at("reviews.arrow"))).rejects.toMatchObject({ code: "format" });
    await expect(headstart.openClassifier(at("missing.onnx"))).rejects.toMatchObject({ code: "io" });
  });
});

describe("an open classifier of images", () => {
  it("takes paths and bytes", async () => {
    await pictureFolders(at("pictures"));
    await headstart.embed({ input: at("pictures"), out: at("pictures.arrow") });
    await headstart.train({ embeddings: at("pictures.arrow"), out: at("pictures.onnx"), cv: 0 });
    const { sources, labels } = await headstart.readEmbeddings(at("pictures.arrow"));
    const classifier = await headstart.openClassifier(at("pictures.onnx"));
    const files = sources.slice(0, 3).map((source) => at(join("pictures", source!)));
    const answers = await classifier.predict([files[0]!, readFileSync(files[1]!), files[2]!]);
    expect(answers.map((answer) => answer.prediction)).toEqual(
      [0, 1, 2].map((i) => labels!.values[labels!.codes[i]!]),
    );
    await expect(classifier.predict([files[0]!, Buffer.from("no image")])).rejects.toThrow(/^Input 1: /);
    await classifier.close();
  });
});
