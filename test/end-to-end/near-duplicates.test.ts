import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  // Two rows of the training split again: one in the same split, one in the other.
  const again = [
    { ...REVIEWS[0]!, id: "copy-in-train" },
    { ...REVIEWS[1]!, id: "copy-in-test", split: "test" as const },
  ];
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"], [...REVIEWS, ...again]));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.train({ embeddings: at("x.arrow"), out: at("head.onnx"), cv: 0 });
});

describe.concurrent("near-duplicates", () => {
  it("of test rows among the training rows are warned of by train and evaluate, with an example", async () => {
    const example = { id: "copy-in-test", otherId: REVIEWS[1]!.id, cosine: expect.closeTo(1, 6) };
    const evaluated = await json<headstart.EvaluateResult>(["evaluate", "head.onnx", "x.arrow"]);
    expect(evaluated.nearDuplicates).toEqual({ threshold: 0.995, checked: 11, rows: 1, example });
    const { code, stderr } = await run(["train", "x.arrow", "--cv", "0"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: 1 of 11 rows of split 'test' is a near-duplicate of training rows/);
    expect(stderr).toContain(`such as 'copy-in-test' and '${REVIEWS[1]!.id}'`);
  });

  it("in several folds are warned of, and grouped on request", async () => {
    // Some seed parts the pair.
    let parted: headstart.TrainResult | undefined;
    for (let seed = 0; seed < 10 && !parted?.nearDuplicates.folds?.rows; seed++) {
      parted = await headstart.train({ embeddings: at("x.arrow"), cv: 5, seed });
    }
    expect(parted?.nearDuplicates.folds).toMatchObject({ rows: 2, checked: 51 });
    expect(parted?.warnings.join()).toMatch(/--group-duplicates keeps them together/);
    const grouped = await json<headstart.TrainResult>([
      "train",
      "x.arrow",
      "--group-duplicates",
      "--seed",
      String(parted!.seed),
    ]);
    expect(grouped.nearDuplicates.folds).toBeNull();
    expect(grouped.warnings.join()).not.toMatch(/another fold/);
  });
});

describe.concurrent("cross-validation", () => {
  it("is repeated with other folds, and counts each row once", async () => {
    const { cv, metrics } = await json<headstart.TrainResult>([
      "train",
      "x.arrow",
      "--cv",
      "3",
      "--repeats",
      "2",
    ]);
    expect(cv).toMatchObject({ folds: 3, repeats: 2 });
    expect(cv!.accuracies).toHaveLength(6);
    const once = await headstart.train({ embeddings: at("x.arrow"), cv: 3 });
    expect(cv!.accuracies.slice(0, 3)).toEqual(once.cv!.accuracies);
    expect(metrics!.accuracy.value).toBeCloseTo(cv!.accuracies.reduce((sum, one) => sum + one, 0) / 6, 2);
  });

  it("keeps groups whole that the caller names", async () => {
    // The same sentence at other times: a head that has seen one of them knows the others.
    const asked = new Set<string>();
    const { cv } = await headstart.train({
      embeddings: at("x.arrow"),
      cv: 4,
      groupOf: ({ id, source }) => {
        asked.add(`${id} ${source}`);
        return id.split("-")[1]!;
      },
    });
    expect(asked.size).toBe(51);
    expect(cv!.accuracies).toHaveLength(4);
    await expect(
      headstart.train({ embeddings: at("x.arrow"), cv: 4, groupOf: () => "all" }),
    ).rejects.toMatchObject({ code: "data", message: expect.stringContaining("all of one group") });
  });
});
