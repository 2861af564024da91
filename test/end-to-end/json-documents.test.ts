import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

/** Fields by name, each with what is documented inside it; null where that is left open. */
interface Fields {
  [name: string]: Fields | null;
}

const rowOf = new Map(
  readFileSync(join(packageRoot(), "docs", "json.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, command = "", fields = ""]) => [command, fields]),
);

/** Reads `a[].{b,c.{d}}` and the like. */
function parseFields(text: string): Fields {
  const fields: Fields = {};
  let rest = text;
  while (rest !== "") {
    const [whole, name = "", inside] = /^(\w+\??)(?:\[\])?(\.\{)?,?/.exec(rest) ?? [""];
    if (whole === "") throw new Error(`docs/json.md: cannot read '${rest}'`);
    rest = rest.slice(whole.length);
    fields[name] = null;
    if (inside === undefined) continue;
    let depth = 1;
    let end = 0;
    for (; depth > 0; end++) depth += rest[end] === "{" ? 1 : rest[end] === "}" ? -1 : 0;
    fields[name] = parseFields(rest.slice(0, end - 1));
    rest = rest.slice(end).replace(/^,/, "");
  }
  return fields;
}

function documented(command: string): Fields {
  const cell = rowOf.get(command);
  if (cell === undefined) throw new Error(`docs/json.md has no row ${command}`);
  const tokens = [...cell.replace(/\(.*?\)/g, "").matchAll(/`([^`]+)`/g)].map(([, token = ""]) => token);
  return Object.assign({}, ...tokens.map(parseFields)) as Fields;
}

/** Expects each object to have exactly the documented fields; those marked `?` may be missing. */
function expectFields(value: unknown, fields: Fields, path: string): void {
  for (const one of Array.isArray(value) ? value : [value]) {
    const names = Object.keys(fields).filter((name) => !name.endsWith("?") || name.slice(0, -1) in one);
    expect(Object.keys(one as object).sort(), path).toEqual(
      names.map((name) => name.replace("?", "")).sort(),
    );
    for (const [name, inside] of Object.entries(fields)) {
      if (inside !== null) expectFields((one as Record<string, unknown>)[name], inside, `${path}.${name}`);
    }
  }
}

const { write, json } = workplace();
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"]));
  write(
    "p.yaml",
    "version: 1\nname: p\ndata: { input: reviews.csv }\nheads: [{ name: linear-svm, cv: 2 }]\nevaluate: { split: test }\n" +
      "evaluateOn: [{ name: again, data: { input: reviews.csv } }]\n",
  );
  await json(["embed", "reviews.csv", "-o", "x.arrow"]);
  await json(["train", "x.arrow", "-o", "head.onnx", "--head", "logistic-regression", "--cv", "0"]);
  await json(["export", "head.onnx", "--fuse", "-o", "c.onnx"]);
  const svm = { options: { kernel: "linear", whitening: false }, b: 0.5, W: new Array(512).fill(0.01) };
  write("svm.json", JSON.stringify(svm));
});

describe.concurrent("docs/json.md tells the fields of", () => {
  const same = documented("`predict` with `-o`");
  const listed = documented("`backbones list`");
  it.each<[string, string[], Fields]>([
    ["embed", ["embed", "reviews.csv", "-o", "y.arrow"], documented("`embed`")],
    ["merge", ["merge", "x.arrow", "-o", "m.arrow"], documented("`merge`")],
    ["convert", ["convert", "x.arrow", "-o", "x.parquet"], documented("`convert`")],
    ["cache stats", ["cache", "stats"], documented("`cache stats`")],
    ["cache prune", ["cache", "prune", "--older-than", "900d"], documented("`cache prune`")],
    ["train", ["train", "x.arrow", "--cv", "2"], documented("`train`")],
    [
      "search",
      ["search", "x.arrow", "--head", "linear-svm", "--grid", "C=1", "--cv", "2", "--nested", "2"],
      documented("`search`"),
    ],
    ["audit", ["audit", "x.arrow", "--set", "C=100"], documented("`audit`")],
    ["evaluate", ["evaluate", "head.onnx", "x.arrow"], documented("`evaluate`")],
    ["compare", ["compare", "head.onnx", "head.onnx", "x.arrow"], documented("`compare`")],
    ["predict -o", ["predict", "head.onnx", "x.arrow", "-o", "p.csv"], same],
    ["predict", ["predict", "head.onnx", "x.arrow"], { ...same, ...documented("`predict` without") }],
    [
      "predict --scores",
      ["predict", "head.onnx", "reviews.csv", "--scores"],
      { ...same, ...documented("`predict` without") },
    ],
    ["inspect x.arrow", ["inspect", "x.arrow"], documented("`inspect x.arrow`")],
    ["inspect head.onnx", ["inspect", "head.onnx"], documented("`inspect head.onnx`")],
    ["export", ["export", "head.onnx", "--fuse", "-o", "a.onnx"], documented("`export`")],
    ["import", ["import", "svm.json", "--embeddings", "x.arrow", "-o", "i.onnx"], documented("`import`")],
    ["inspect classifier.onnx", ["inspect", "c.onnx"], documented("`inspect classifier.onnx`")],
    ["run", ["run", "p.yaml"], { ...documented("`run`"), embeddings: documented("`embed`") }],
    ["backbones list", ["backbones", "list"], listed],
    ["backbones show", ["backbones", "show", "use-lite"], documented("`backbones show`")],
    ["doctor", ["doctor"], documented("`doctor`")],
  ])("%s", async (name, args, fields) => {
    expectFields(await json(args), fields, name);
  });
});
