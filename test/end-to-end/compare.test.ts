import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"]));
  // Two of three labels are turned: a head that learns from them is worse.
  const turned = REVIEWS.map((row, i) => (i % 3 === 0 ? row : { ...row, label: turn(row.label) }));
  write("turned.csv", reviewsCsv(["id", "review", "label"], turned));
  writeTinyCheckpoint(at("tiny"));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.embed({ input: at("turned.csv"), out: at("turned.arrow") });
  await headstart.train({ embeddings: at("x.arrow"), out: at("good.onnx"), cv: 0 });
  await headstart.train({ embeddings: at("turned.arrow"), out: at("poor.onnx"), head: "knn", cv: 0 });
  await json(["embed", "reviews.csv", "-o", "tiny.arrow", "--backbone", "./tiny"]);
  await json(["train", "tiny.arrow", "-o", "tiny.onnx", "--cv", "0"]);
});

function turn(label: "good" | "bad"): "good" | "bad" {
  return label === "good" ? "bad" : "good";
}

describe.concurrent("compare", () => {
  it("says which of two heads is better by more than chance, and agrees with evaluate", async () => {
    const found = await json<headstart.CompareResult>([
      "compare",
      "poor.onnx",
      "good.onnx",
      "x.arrow",
      "--split",
      "train",
    ]);
    const { metrics } = await headstart.evaluate({
      head: at("poor.onnx"),
      embeddings: at("x.arrow"),
      split: "train",
    });
    expect(found).toMatchObject({ better: "b", rows: 50, split: "train" });
    expect(found.a.accuracy).toEqual(metrics.accuracy);
    expect(found.b.accuracy.value - found.a.accuracy.value).toBeCloseTo(-found.difference.value, 12);
    expect(found.bothRight + found.onlyA + found.onlyB + found.bothWrong).toBe(50);
    expect(found.difference.high).toBeLessThan(0);
    expect(found.mcnemar.midP).toBeLessThan(0.05);
    const { code, stdout } = await run(["compare", "poor.onnx", "good.onnx", "x.arrow", "--split", "train"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^good\.onnx is better than poor\.onnx by more than chance/m);
    expect(stdout).toMatch(/^next: headstart evaluate good\.onnx x\.arrow/m);
  });

  it("finds no difference between a head and itself", async () => {
    const { code, stdout } = await run(["compare", "good.onnx", "good.onnx", "x.arrow"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/10 of split 'test'/);
    expect(stdout).toMatch(/nothing tells them apart/);
  });

  it("refuses heads of two backbones, and says what to do instead", async () => {
    const both =
      /good\.onnx was trained on 'use-lite' \([0-9a-f]{12}\), tiny\.onnx was trained on '\.\/tiny' \([0-9a-f]{12}\): no embeddings file fits both/;
    await refused(["compare", "good.onnx", "tiny.onnx", "x.arrow"], 1, both, /headstart evaluate/);
    const made = /good\.onnx was trained on 'use-lite'.*tiny\.arrow was made with '\.\/tiny'/;
    await refused(["compare", "good.onnx", "poor.onnx", "tiny.arrow"], 1, made, /./);
  });

  it("says which labels a head does not know", async () => {
    write("other.csv", "id,review,label\na,A fine day,sunny\nb,A grim day,rainy\n");
    await headstart.embed({ input: at("other.csv"), out: at("other.arrow") });
    const found = await json<headstart.CompareResult>(["compare", "good.onnx", "poor.onnx", "other.arrow"]);
    expect(found.warnings[0]).toMatch(/good\.onnx was not trained on 'rainy', 'sunny'/);
    expect(found).toMatchObject({ bothWrong: 2, better: null });
  });
});
