import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { workplace } from "./run-cli.js";
import { rowsOf, type TaggedText } from "./tagged-texts.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
const rows = rowsOf(150, 1);
const training = rows.filter(({ tags, split }) => tags !== null && split === "train");
/** Rows that are given a label which they should not have, or robbed of theirs. */
const ADDED = training
  .filter(({ tags }) => !tags!.includes("sport"))
  .slice(0, 2)
  .map(({ id }) => id);
const ROBBED = training
  .filter(({ tags }) => tags!.includes("food"))
  .slice(-2)
  .map(({ id }) => id);

async function embedded(name: string, tagged: readonly TaggedText[]): Promise<string> {
  write(`${name}.jsonl`, tagged.map((row) => JSON.stringify(row)).join("\n"));
  const out = at(`${name}.arrow`);
  await headstart.embed({ input: at(`${name}.jsonl`), out, label: "tags", multiLabel: true });
  return out;
}

beforeAll(async () => {
  const wrong = rows.map((row): TaggedText => {
    if (ADDED.includes(row.id)) return { ...row, tags: [...row.tags!, "sport"] };
    if (ROBBED.includes(row.id)) return { ...row, tags: row.tags!.filter((tag) => tag !== "food") };
    return row;
  });
  const embeddings = await embedded("tags", rows);
  await embedded("wrong", wrong);
  const music = rows.map((row) => ({ ...row, tags: row.tags?.filter((tag) => tag === "music") ?? null }));
  const one = await embedded("music", music);
  const head = "logistic-regression";
  await headstart.train({ embeddings, out: at("good.onnx"), head, set: { C: 10 }, cv: 0 });
  await headstart.train({ embeddings: one, out: at("music.onnx"), head, set: { C: 10 }, cv: 0 });
});

describe.concurrent("compare of heads with several labels", () => {
  it("tells whole sets, F1 and each label apart, as evaluate measures them", async () => {
    const args = ["compare", "good.onnx", "music.onnx", "tags.arrow", "--split", "train"];
    const found = await json<headstart.CompareResult>(args);
    const measured = await Promise.all(
      ["good.onnx", "music.onnx"].map((head) =>
        headstart.evaluate({ head: at(head), embeddings: at("tags.arrow"), split: "train" }),
      ),
    );
    expect(found).toMatchObject({ rows: training.length, split: "train", better: "a" });
    const sides = ["a", "b"] as const;
    sides.forEach((side, i) => {
      const { metrics, perClass } = measured[i]!;
      expect(found[side].accuracy).toEqual(metrics.accuracy);
      expect(found.multiLabel!.macroF1[side]).toBeCloseTo(metrics.macroF1, 12);
      expect(found.multiLabel!.microF1[side]).toBeCloseTo(metrics.microF1, 12);
      for (const { name, f1 } of found.multiLabel!.perLabel) {
        expect(f1[side]).toBeCloseTo(perClass.find((one) => one.name === name)!.f1, 12);
      }
    });
    expect(found.multiLabel!.macroF1.interval!.low).toBeGreaterThan(0);
    const better = found.multiLabel!.perLabel.filter(({ corrected }) => corrected < 0.05);
    expect(better.map(({ name }) => name)).toEqual(["food", "sport"]);
    expect(found.warnings.join()).toMatch(/music\.onnx was not trained on 'food', 'sport': it never gives/);
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +file +head +whole sets right \(95%\)$/m);
    expect(stdout).toMatch(/^ {2}macro F1 +A \d\.\d{3}, B \d\.\d{3}, A less B \+0\.\d{3} \(\+0/m);
    expect(stdout).toMatch(/^A is better in (food, sport|sport, food)\.$/m);
    expect(stdout).toMatch(/^good\.onnx is better than music\.onnx by more than chance/m);
  });

  it("finds no difference between a head and itself", async () => {
    const { stdout } = await run(["compare", "good.onnx", "good.onnx", "tags.arrow"]);
    expect(stdout).toMatch(/No label tells them apart/);
    expect(stdout).toMatch(/nothing tells them apart/);
  });

  it("refuses a head of one label beside one of several", async () => {
    const csv = rows.map(({ id, text, split }) => `${id},"${text}",${split}`);
    write("single.csv", `id,text,label\n${csv.join("\n")}\n`);
    await headstart.embed({ input: at("single.csv"), out: at("single.arrow"), label: "label" });
    await headstart.train({ embeddings: at("single.arrow"), out: at("single.onnx"), cv: 0 });
    const both = /good\.onnx gives several labels a row, .*single\.onnx gives one/;
    await refused(["compare", "single.onnx", "good.onnx", "tags.arrow"], 1, both, /--multi-label/);
    await refused(
      ["compare", "good.onnx", "good.onnx", "single.arrow"],
      1,
      /one label a row/,
      /--multi-label/,
    );
    await refused(
      ["compare", "single.onnx", "single.onnx", "tags.arrow"],
      1,
      /several labels/,
      /without --multi-label/,
    );
  });
});

describe.concurrent("audit of rows with several labels", () => {
  it("finds labels that rows have wrongly, or wrongly lack, in a table to correct", async () => {
    const found = await json<headstart.AuditResult>([
      ...["audit", "wrong.arrow", "-o", "suspects.csv", "--head", "lda"],
    ]);
    const turned = [
      ...ADDED.map((id) => ({ id, label: "sport", given: "yes", suggested: "no" })),
      ...ROBBED.map((id) => ({ id, label: "food", given: "no", suggested: "yes" })),
    ];
    const first = found.suspects
      .slice(0, 4)
      .map(({ id, label, given, suggested }) => ({ id, label, given, suggested }));
    for (const one of turned) expect(first).toContainEqual(one);
    const margins = found.suspects.map(({ margin }) => margin);
    expect(margins).toEqual([...margins].sort((a, b) => a - b));
    expect(found).toMatchObject({
      split: "train",
      probabilities: "probabilities",
      confidentJoint: [],
      multiLabel: { leftOut: [], unlabelledRows: 5 },
    });
    expect(found.noise.reduce((sum, pair) => sum + pair.rows, 0)).toBe(found.suspects.length);
    const table = parse(readFileSync(at("suspects.csv")), { columns: true }) as Record<string, string>[];
    expect(Object.keys(table[0]!)).toEqual([
      ...["id", "source", "labels", "label", "given", "suggested", "self_confidence", "margin"],
    ]);
    expect(table.map(({ id, label, given }) => [id, label, given])).toEqual(
      found.suspects.map(({ id, label, given }) => [id, label, given]),
    );
    for (const { labels, label, given } of table) {
      expect(labels!.split("|").includes(label!)).toBe(given === "yes");
    }
    const { stdout } = await run(["audit", "wrong.arrow", "--head", "lda"]);
    expect(stdout).toMatch(/^ {2}id +label +given +suggested +margin$/m);
    expect(stdout).toMatch(/each looked at by itself$/m);
  });

  it("leaves out labels of fewer rows than folds, and refuses where none has enough", async () => {
    const rare = rows.map((row, i) => ({
      ...row,
      tags: row.tags && [...row.tags, ...(i < 3 ? ["rare"] : [])],
    }));
    write("rare.jsonl", rare.map((row) => JSON.stringify(row)).join("\n"));
    await headstart.embed({
      input: at("rare.jsonl"),
      out: at("rare.arrow"),
      label: "tags",
      multiLabel: true,
    });
    const found = await headstart.audit({ embeddings: at("rare.arrow"), head: "ridge" });
    expect(found.multiLabel!.leftOut).toEqual(["rare"]);
    expect(found.suspects.some(({ label }) => label === "rare")).toBe(false);
    expect(found.warnings.join("\n")).toMatch(/have, or lack, 'rare': left out/);
    expect(found).toMatchObject({ probabilities: "softmax" });
    await refused(["audit", "rare.arrow", "--cv", "100"], 1, /no label has 100 rows with it/, /--cv 2/);
  });
});
