import { describe, expect, it } from "vitest";
import { collectChoices, collectGrid, projectionAmounts } from "../../src/cli/parse-grid.js";

describe("--grid", () => {
  it.each<[string, Record<string, unknown[]>]>([
    ["C=0.1,1,10", { C: [0.1, 1, 10] }],
    ["gamma=scale,0.01", { gamma: ["scale", 0.01] }],
    ["maxDepth=8, null", { maxDepth: [8, null] }],
    ["hiddenUnits=[64],[128,64]", { hiddenUnits: [[64], [128, 64]] }],
    ['classWeight=null,balanced,{"a":2,"b":1}', { classWeight: [null, "balanced", { a: 2, b: 1 }] }],
    ['svm.kernel="rbf","a,b"', { "svm.kernel": ["rbf", "a,b"] }],
    ["bootstrap=true", { bootstrap: [true] }],
  ])("%s", (text, grid) => {
    expect(collectGrid(text)).toEqual(grid);
  });

  it("collects several, each once", () => {
    expect(collectGrid("gamma=1", collectGrid("C=1,2"))).toEqual({ C: [1, 2], gamma: [1] });
    expect(() => collectGrid("C=1", { C: [2] })).toThrow("'C' is given twice");
  });

  it.each(["C", "C=", "=1", "C=1,,2", "C=,1", "C=1,", "C=[1", 'C="a'])("%s is refused", (text) => {
    expect(() => collectGrid(text)).toThrow();
  });
});

it("--scale and --head take several names, by commas and by repeating", () => {
  const parse = collectChoices(["none", "l2", "standard"] as const);
  expect(parse("l2", parse("none, standard"))).toEqual(["none", "standard", "l2"]);
  expect(() => parse("none,l3")).toThrow("Allowed choices are none, l2, standard");
});

it("--pca takes amounts and none", () => {
  expect(projectionAmounts("none,64,0.95")).toEqual([null, 64, 0.95]);
  expect(() => projectionAmounts("64,")).toThrow();
});
