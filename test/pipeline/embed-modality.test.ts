import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embed } from "../../src/pipeline/embed.js";
import { predict } from "../../src/pipeline/predict.js";
import { train } from "../../src/pipeline/train/train.js";
import { checkpointOf, IMAGE_FILES, imageGraph } from "../backbones/tiny-checkpoints.js";

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="red"/></svg>';

let folder: string;
let table: string;
let backbone: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "headstart-modality-"));
  table = join(folder, "captions.csv");
  backbone = checkpointOf(imageGraph(["batch", 3, 8, 8]), IMAGE_FILES);
  writeFileSync(join(folder, "red.svg"), SQUARE);
  writeFileSync(table, "text,picture\na red square,red.svg\nthe same once more,red.svg\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const out = (name: string): string => join(folder, name);

it("takes the kind of content that is asked for, where a table has several", async () => {
  const images = await embed({ input: table, out: out("images.arrow"), backbone, modality: "image" });
  expect(images).toMatchObject({ rows: 2, rejects: 0, dim: 3 });
  expect(images.guesses[0]).toBe('image column: "picture" (its values are paths of images)');
});

it("is known to a head that was trained on it: the same table is read as that again", async () => {
  const rows = ["red", "blue"].flatMap((label) => [
    `a square,${label}.svg,${label}`,
    `once more,${label}.svg,${label}`,
  ]);
  writeFileSync(join(folder, "blue.svg"), SQUARE.replace("red", "blue"));
  const input = join(folder, "colours.csv");
  writeFileSync(input, ["text,picture,label", ...rows].join("\n"));
  await embed({ input, out: out("colours.arrow"), backbone, modality: "image" });
  await train({ embeddings: out("colours.arrow"), out: out("colours.onnx"), cv: 0 });
  const answers = await predict({ head: out("colours.onnx"), input, out: out("answers.csv") });
  expect(answers.classes.map(({ name, rows }) => [name, rows])).toEqual([
    ["blue", 2],
    ["red", 2],
  ]);
});

it("says so where the table has none of it", async () => {
  await expect(
    embed({ input: table, out: out("sounds.arrow"), backbone, modality: "audio" }),
  ).rejects.toMatchObject({ code: "data", message: expect.stringContaining("no column looks like sounds") });
});

it("says what a backbone reads and what the input holds, where the two differ", async () => {
  await expect(embed({ input: table, out: out("text.arrow"), backbone })).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(/reads images, but .*captions\.csv holds text/),
  });
});
