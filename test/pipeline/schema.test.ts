import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { loadPipeline } from "../../src/pipeline/yaml/load-pipeline.js";
import { planPipeline } from "../../src/pipeline/yaml/plan-pipeline.js";
import { pipelineJsonSchema } from "../../src/pipeline/yaml/schema.js";

const folder = join(packageRoot(), "pipelines");
const shipped = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

describe("the shipped pipelines", () => {
  it("are the promised ones", () => {
    expect(shipped).toEqual(
      expect.arrayContaining([
        "spam.yaml",
        "sentiment.yaml",
        "images.yaml",
        "bert-sentiment.yaml",
        "resnet-images.yaml",
        "search.yaml",
      ]),
    );
  });

  it.each(
    shipped,
  )("%s follows the schema, can be planned, and names the schema for editors", async (file) => {
    const pipeline = await loadPipeline(join(folder, file));
    expect(pipeline.name).toBe(file.replace(".yaml", ""));
    const { heads, search } = planPipeline(pipeline);
    expect(heads.length + (search?.candidates ?? 0)).toBeGreaterThan(0);
    expect(readFileSync(join(folder, file), "utf8")).toMatch(
      /^# yaml-language-server: \$schema=\.\/pipeline\.schema\.json\n/,
    );
  });
});

describe("pipeline.schema.json", () => {
  it("is current (vitest -u writes it anew)", async () => {
    await expect(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      join(folder, "pipeline.schema.json"),
    );
  });

  it("describes every key and allows no others", () => {
    const missing: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (node === null || typeof node !== "object") return;
      const { type, properties, additionalProperties } = node as Record<string, unknown>;
      if (type === "object" && properties !== undefined) {
        expect(additionalProperties, path).toBe(false);
        for (const [key, value] of Object.entries(properties as object)) {
          if (path !== "" && (value as { description?: string }).description === undefined)
            missing.push(`${path}.${key}`);
        }
      }
      for (const [key, value] of Object.entries(node)) walk(value, `${path}.${key}`);
    };
    walk(pipelineJsonSchema(), "");
    expect(missing).toEqual([]);
  });
});
