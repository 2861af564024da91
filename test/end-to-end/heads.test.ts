import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, refused } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
});

const HEADS = [
  { head: "linear-svm", engine: "headstart", set: {}, confident: false },
  { head: "svm", engine: "headstart", set: {}, confident: false },
  { head: "svm", engine: "mljs", set: {}, confident: false },
  { head: "random-forest", engine: "headstart", set: { nEstimators: 10 }, confident: true },
  { head: "random-forest", engine: "mljs", set: { nEstimators: 5 }, confident: true },
  { head: "logistic-regression", engine: "headstart", set: { C: 10 }, confident: true },
  { head: "knn", engine: "headstart", set: { nNeighbors: 3 }, confident: true },
] as const;

describe.concurrent.each(HEADS)("$head by $engine", ({ head, engine, set, confident }) => {
  const file = `${head}-${engine}.onnx`;
  const settings = Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const flags = ["--head", head, "--engine", engine, ...settings, "--cv", "0", "--seed", "3"];

  it("predicts from its file what it predicts in memory; the same seed gives the same bytes", async () => {
    const trained = await run(["train", "x.arrow", "-o", file, ...flags, "--json"]);
    // Where a fit takes its time, it tells how far it is.
    const said = trained.stderr.replace(/^fit: .*\n/gm, "");
    expect({ code: trained.code, said }).toEqual({ code: 0, said: "" });
    expect(JSON.parse(trained.stdout)).toMatchObject({
      engine,
      options: set,
      cv: null,
      metrics: null,
      rows: 60,
    });

    const { X, ids, labels } = await headstart.readEmbeddings(at("x.arrow"));
    const names = Array.from(labels!.codes, (code) => labels!.values[code]!);
    const memory = await headstart.fitHead(
      { name: head, engine, set, seed: 3 },
      X,
      headstart.encodeLabels(names),
    );
    const scores = memory.scores(X);
    const rows: headstart.Prediction[] = [];
    const { classes } = await headstart.predict({
      head: at(file),
      input: at("x.arrow"),
      scores: true,
      onRow: (row) => rows.push(row),
    });
    expect(rows.map((row) => row.id)).toEqual(ids);
    expect(rows.map((row) => row.prediction)).toEqual(memory.predict(X));
    expect(classes.map((one) => one.rows).reduce((a, b) => a + b)).toBe(60);
    const right = rows.filter((row, i) => row.prediction === names[i]).length;
    expect(right / 60).toBeGreaterThan(0.75);
    rows.forEach((row, i) => {
      memory.classes.forEach((name, k) => {
        const expected = scores.data[i * memory.classes.length + k]!;
        expect(Math.abs(row.scores![name]! - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
      });
      if (!confident) expect(row.confidence).toBeNull();
      else expect(row.confidence).toSatisfy((value: number) => value >= 0.5 && value <= 1);
    });

    const again = { head, engine, set, seed: 3, cv: 0, out: at(`again-${file}`) } as const;
    await headstart.train({ embeddings: at("x.arrow"), ...again });
    expect(readFileSync(at(`again-${file}`)).equals(readFileSync(at(file)))).toBe(true);
  });
});

describe.concurrent("a head that cannot be had", () => {
  it.each([
    ["of another engine", ["--head", "knn", "--engine", "mljs"], /no head 'knn'/, /svm, random-forest/],
    ["with an option that it has not", ["--set", "gama=1"], /gama/, /./],
    ["with a value that makes no sense", ["--set", "C=-1"], /C/, /./],
  ])("%s is wrong usage", async (_what, flags, message, hint) => {
    await refused(["train", "x.arrow", "--cv", "2", ...flags], 2, message, hint);
  });
});
