import { describe, expect, it } from "vitest";
import { embed } from "../../src/pipeline/embed.js";
import { evaluate } from "../../src/pipeline/evaluate.js";
import { inspect } from "../../src/pipeline/inspect.js";
import { predict } from "../../src/pipeline/predict.js";
import { train } from "../../src/pipeline/train/train.js";
import type { Prediction } from "../../src/pipeline/types.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const place = workplace();
const csv = place.write(
  "reviews.csv",
  `review,label,split,writer\n${REVIEWS.map(({ review, label, split, id }) => `"${review}",${label},${split},${id.slice(0, 2)}`).join("\n")}\n`,
);
const at = (name: string): string => `${place.path}/${name}`;

describe("kept columns and float16", () => {
  it("are named by the command line, and shown", async () => {
    const made = await place.json<{ kept: unknown; store: string }>([
      ...["embed", csv, "-o", at("half.arrow"), "--text", "review", "--keep", "writer", "--keep", "review"],
      ...["--store", "fp16"],
    ]);
    const kept = ["writer", "review"].map((name) => ({ name, type: "utf8" }));
    expect(made).toMatchObject({ kept, store: "fp16" });
    expect(await inspect(at("half.arrow"))).toMatchObject({ kept, store: "fp16" });
    const { stdout } = await place.run(["inspect", at("half.arrow")]);
    expect(stdout).toMatch(/rows +60 of 512 dimensions, stored as float16\n/);
    expect(stdout).toMatch(/kept +writer, review\n/);
    await place.refused(
      ["embed", csv, "-o", at("x.arrow"), "--text", "review", "--keep", "label"],
      2,
      /--keep label: embeddings have a column/,
      /Rename the column/,
    );
  });

  it("a head of float16 embeddings answers to float32 ones, and the other way round", async () => {
    await embed({ input: csv, out: at("half.arrow"), text: "review", store: "fp16" });
    await embed({ input: csv, out: at("full.arrow"), text: "review" });
    const accuracies: number[] = [];
    const scores: Record<string, number[][]> = {};
    for (const trained of ["half", "full"]) {
      const head = at(`${trained}.onnx`);
      await train({ embeddings: at(`${trained}.arrow`), out: head, head: "linear-svm", cv: 0 });
      for (const asked of ["half", "full"]) {
        const embeddings = at(`${asked}.arrow`);
        accuracies.push((await evaluate({ head, embeddings })).metrics.accuracy.value);
        const rows: number[][] = [];
        const onRow = (row: Prediction) => rows.push(Object.values(row.scores!));
        await predict({ head, input: embeddings, scores: true, onRow });
        scores[`${trained}-${asked}`] = rows;
      }
    }
    expect(new Set(accuracies).size).toBe(1);
    for (const [pair, rows] of Object.entries(scores)) {
      const largest = Math.max(
        ...rows.flatMap((row, i) => row.map((score, j) => Math.abs(score - scores["full-full"]![i]![j]!))),
      );
      expect(largest, pair).toBeLessThan(5e-3);
    }
  });
});
