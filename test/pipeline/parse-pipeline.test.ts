import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { HEADS, METRICS } from "../../src/pipeline/yaml/choices.js";
import { parsePipeline } from "../../src/pipeline/yaml/parse-pipeline.js";

const head = "head: { name: linear-svm }\n";
const good = `version: 1\nname: demo\ndata: { input: a.csv }\n${head}`;

/** The error that a text gives. */
function errorOf(text: string): HeadstartError {
  try {
    parsePipeline(text, "p.yaml");
  } catch (thrown) {
    if (thrown instanceof HeadstartError) return thrown;
    throw thrown;
  }
  throw new Error("the pipeline was taken as valid");
}

describe("parsePipeline", () => {
  it("reads a pipeline", () => {
    expect(parsePipeline(good, "p.yaml")).toEqual({
      version: 1,
      name: "demo",
      data: { input: "a.csv" },
      head: { name: "linear-svm" },
    });
  });

  it.each([
    [
      "an unknown key",
      `${good}backbonne: use-lite\n`,
      "p.yaml:5:1: unknown key 'backbonne'; did you mean 'backbone'?",
    ],
    [
      "an unknown key deep inside",
      "version: 1\nname: demo\ndata:\n  input: a.csv\n  lable: stars\nhead: { name: svm }\n",
      "p.yaml:5:3: unknown key 'lable'; did you mean 'label'?",
    ],
    [
      "an unknown key inside a union",
      `${good}backbone:\n  id: use-lite\n  poolling: mean\n`,
      "p.yaml:7:3: unknown key 'poolling'; did you mean 'pooling'?",
    ],
    [
      "a head of no known name",
      "version: 1\nname: demo\ndata: { input: a.csv }\nheads:\n  - name: svm\n  - name: perceptron\n",
      `p.yaml:6:11: heads.1.name: must be one of ${HEADS.join(", ")}`,
    ],
    [
      "an unknown key of a search",
      `${good}search: { grids: { C: [1] } }\n`,
      "p.yaml:5:11: unknown key 'grids'; did you mean 'grid'?",
    ],
    [
      "an option's values that are no list",
      `${good}search: { grid: { C: 1 } }\n`,
      "p.yaml:5:22: search.grid.C: expected array, received number",
    ],
    [
      "one outer fold",
      `${good}search: { nested: 1 }\n`,
      "p.yaml:5:19: search.nested: 0 for none, else at least 2",
    ],
    [
      "a metric of no known name",
      `${good}search: { metric: f2 }\n`,
      `p.yaml:5:19: search.metric: must be one of ${METRICS.join(", ")}`,
    ],
    ["a missing key", `version: 1\nname: demo\ndata:\n  text: t\n${head}`, "p.yaml:3:1: 'input' is missing"],
    [
      "a wrong type",
      `${good.replace("linear-svm", "svm, cv: five")}`,
      "p.yaml:4:24: head.cv: expected number, received string",
    ],
    [
      "one fold",
      `${good.replace("linear-svm", "svm, cv: 1")}`,
      "p.yaml:4:24: head.cv: 0 for none, else at least 2",
    ],
    [
      "no head",
      "version: 1\nname: demo\ndata: { input: a.csv }\n",
      "p.yaml:1:1: head is missing (or heads, for several; or search, for the best)",
    ],
    [
      "head and heads",
      `${good}heads: [{ name: svm }]\n`,
      "p.yaml:5:8: heads: give either head or heads, not both",
    ],
    ["another version", good.replace("version: 1", "version: 2"), "p.yaml:1:10: version: must be one of 1"],
    [
      "a list",
      "- a\n- b\n",
      "p.yaml:1:1: this is no pipeline: one has keys such as version, name, data and head",
    ],
    [
      "an empty file",
      "",
      "p.yaml:1:1: this is no pipeline: one has keys such as version, name, data and head",
    ],
  ])("says where %s stands", (_what, text, message) => {
    const error = errorOf(text);
    expect(error.code).toBe("config");
    expect(error.message.split("\n")[0]).toBe(message);
    const [, line, column] = /^p\.yaml:(\d+):(\d+)/.exec(message) ?? [];
    expect(error.facts).toMatchObject({ file: "p.yaml", line: Number(line), column: Number(column) });
  });

  it("shows the line, with a mark under the place", () => {
    const [, source, mark] = errorOf(`${good}backbonne: use-lite\n`).message.split("\n");
    expect(source).toBe("  5 | backbonne: use-lite");
    expect(mark).toBe("    | ^");
  });

  it("shows every problem in the order of the lines", () => {
    const error = errorOf("nam: demo\nversion: 1\ndata: { input: 3 }\nhead: { name: svm, sede: 1 }\n");
    const places = error.message.match(/^p\.yaml:\d+:\d+: .*$/gm);
    expect(places).toEqual([
      "p.yaml:1:1: 'name' is missing",
      "p.yaml:1:1: unknown key 'nam'; did you mean 'name'?",
      "p.yaml:3:16: data.input: expected string, received number",
      "p.yaml:4:20: unknown key 'sede'; did you mean 'seed'?",
    ]);
  });

  it.each([
    ["a custom tag", `${good}backbone: !!js/function "f"\n`, /^p\.yaml:5:11: .*tag/i],
    ["a tag of one's own", `${good}backbone: !run x\n`, /^p\.yaml:5:11: .*tag/i],
    ["a key twice", `${good}name: again\n`, /^p\.yaml:5:1: .*unique/i],
    ["broken syntax", "version: 1\nname: [a\n", /^p\.yaml:\d+:\d+: /],
    ["two documents", `${good}---\n${good}`, /^p\.yaml:5:1: .*multiple documents/i],
    ["a merge key", `${good}evaluate: { <<: { split: test } }\n`, /^p\.yaml:5:13: unknown key '<<'/],
    ["an alias to nothing", `${good}backbone: *b\n`, /^p\.yaml:5:11: .*alias/i],
  ])("refuses %s", (_what, text, message) => {
    const error = errorOf(text);
    expect(error.code).toBe("config");
    expect(error.message).toMatch(message);
  });

  it("refuses aliases that multiply", () => {
    const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++) {
      const [name, before] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
      levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`);
    }
    const begun = performance.now();
    expect(errorOf(levels.join("\n")).message).toMatch(/alias/i);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
