import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadHead } from "../../src/heads/load-head.js";
import * as headstart from "../../src/index.js";
import { decodeModel } from "../../src/onnx/decode-model.js";
import { alteredModel } from "../heads/altered-model.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";
import { rowsOf } from "./tagged-texts.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
const keysOf = (name: string): string[] => Object.keys(decodeModel(readFileSync(at(name))).metadata);
const isEqual = { rows: 8, largestDifference: expect.any(Number) };

beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.train({ embeddings: at("x.arrow"), out: at("head.onnx"), cv: 0 });
  writeFileSync(at("altered.onnx"), alteredModel(readFileSync(at("head.onnx"))));
});

describe("a trained head", () => {
  it("is inspected by the rows that it holds", async () => {
    const { code, stdout } = await run(["inspect", "head.onnx"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +sample +8 training rows, equal( to \de-\d+)?$/m);
    const found = await json<headstart.InspectResult>(["inspect", "head.onnx"]);
    expect(found).toMatchObject({ kind: "head", sample: isEqual });
  });

  it("that was altered is told of by inspect and export, with its file, the row and a remedy", async () => {
    const differs =
      /altered\.onnx: The head does not answer as it did when it was trained: row 0 of its sample/;
    await refused(["inspect", "altered.onnx"], 1, differs, /copy the file anew .* or train the head again/);
    await refused(["export", "altered.onnx", "--fuse", "-o", "c.onnx"], 1, differs, /train the head again/);
  });

  it("is exported once its sample was found right, and without it", async () => {
    const exported = await headstart.exportHead({ head: at("head.onnx"), out: at("c.onnx") });
    expect(exported.headSample).toEqual(isEqual);
    expect(keysOf("head.onnx")).toContain("headstart.sample");
    expect(keysOf("c.onnx")).not.toContain("headstart.sample");
  });

  it("holds no rows where they are not wanted: --no-sample, sample: false; nor does an imported one", async () => {
    await json(["train", "x.arrow", "-o", "cli.onnx", "--cv", "0", "--no-sample"]);
    await json(["search", "x.arrow", "-o", "best.onnx", "--cv", "2", "--grid", "C=1", "--no-sample"]);
    await headstart.train({ embeddings: at("x.arrow"), out: at("api.onnx"), cv: 0, sample: false });
    write(
      "p.yaml",
      "version: 1\nname: p\ndata: { input: reviews.csv }\nheads: [{ name: linear-svm, cv: 0, sample: false, out: yaml.onnx }]\n",
    );
    await json(["run", "p.yaml"]);
    const svm = { options: { kernel: "linear", whitening: false }, b: 0.5, W: new Array(512).fill(0.01) };
    write("svm.json", JSON.stringify(svm));
    await headstart.importHead({
      ...{ model: at("svm.json"), embeddings: at("x.arrow"), out: at("imported.onnx") },
    });
    for (const name of ["cli.onnx", "best.onnx", "api.onnx", "yaml.onnx", "imported.onnx"]) {
      expect(keysOf(name), name).not.toContain("headstart.sample");
      expect(await headstart.inspect(at(name))).toMatchObject({ kind: "head", sample: null });
    }
    expect(readFileSync(at("cli.onnx")).equals(readFileSync(at("api.onnx")))).toBe(true);
    expect((await run(["inspect", "cli.onnx"])).stdout).toMatch(/^ +sample +none stored$/m);
    const { headSample } = await headstart.exportHead({ head: at("cli.onnx"), out: at("d.onnx") });
    expect(headSample).toBeNull();
  });

  it.each([
    "train",
    "search",
  ] as const)("holds them by default, of several labels too: %s", async (command) => {
    const lines = rowsOf(60, 3).map(({ text, tags }) => JSON.stringify({ text, tags }));
    write("tags.jsonl", lines.join("\n"));
    const input = { input: at("tags.jsonl"), text: "text", label: "tags", multiLabel: true };
    await headstart.embed({ ...input, out: at("tags.arrow") });
    const options = { embeddings: at("tags.arrow"), cv: 2, calibrate: "platt" } as const;
    const out = at(`${command}.onnx`);
    if (command === "train") await headstart.train({ ...options, out });
    else await headstart.search({ ...options, out, heads: ["ridge"], grid: { alpha: [1] } });
    const loaded = await loadHead(readFileSync(out));
    expect(await loaded.checkSample()).toEqual(isEqual);
    await loaded.release();
  });
});
