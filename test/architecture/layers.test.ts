import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");

/** From the top down: each layer imports only from itself and those after it. */
const LAYERS = [
  "cli",
  "pipeline",
  "report",
  "evaluation",
  "heads",
  "embeddings",
  "backbones",
  "data",
  "linalg",
  "onnx",
  "core",
];

/** What a layer knows nothing of, although it lies below. */
const FORBIDDEN: Record<string, string[]> = {
  heads: ["embeddings", "backbones", "data"],
  evaluation: ["embeddings", "backbones", "data"],
  backbones: ["data"],
};

/** Packages that only one layer may touch. */
const OWNED: Record<string, string | string[]> = {
  "onnxruntime-node": "onnx",
  "apache-arrow": ["embeddings", "data"],
  "@xenova/transformers": "backbones",
  sharp: "backbones",
  commander: "cli",
  "cli-progress": "cli",
  "csv-parse": "data",
  hyparquet: "data",
  "hyparquet-writer": "data",
  "hyparquet-compressors": "data",
  fzstd: "data",
  "node-sqlite3-wasm": "data",
  "@duckdb/node-api": "data",
  tinyglobby: "data",
  "ml-svm": "heads",
  "ml-random-forest": "heads",
};

interface Import {
  file: string;
  layer: string;
  target: string;
}

function importsIn(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const file = join(folder, name);
      const text = readFileSync(file, "utf8");
      const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]!);
      const layer = name.split(sep)[0]!;
      return specifiers.map((specifier) => ({
        file: relative(folder, file),
        layer,
        target: specifier.startsWith(".")
          ? relative(folder, join(dirname(file), specifier)).split(sep)[0]!
          : `package:${specifier}`,
      }));
    });
}

describe("layers", () => {
  const imports = importsIn(src).filter((one) => one.layer !== "index.ts");

  it("finds imports to look at", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it("has only folders that are layers", () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((name) => !LAYERS.includes(name))).toEqual([]);
  });

  it("imports only downwards", () => {
    const upward = imports.filter(
      (one) => !one.target.startsWith("package:") && LAYERS.indexOf(one.target) < LAYERS.indexOf(one.layer),
    );
    expect(upward).toEqual([]);
  });

  it("keeps layers ignorant of what they must not know", () => {
    expect(imports.filter((one) => FORBIDDEN[one.layer]?.includes(one.target))).toEqual([]);
  });

  it("lets one layer alone touch each owned package", () => {
    const strays = imports.filter((one) => {
      const name = one.target.replace("package:", "");
      const owner = Object.entries(OWNED).find(
        ([owned]) => name === owned || name.startsWith(`${owned}/`),
      )?.[1];
      return one.target.startsWith("package:") && owner !== undefined && ![owner].flat().includes(one.layer);
    });
    expect(strays).toEqual([]);
  });
});
