import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { checkpointOfFixture } from "../backbones/text-fixtures.js";
import { pictureFolders } from "./pictures.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  writeTinyCheckpoint(at("tiny"));
  await pictureFolders(at("pictures"));
  await headstart.embed({ input: at("reviews.csv"), out: at("lite.arrow") });
  await headstart.train({ embeddings: at("lite.arrow"), out: at("lite.onnx"), cv: 0 });
  await json(["embed", "reviews.csv", "-o", "tiny.arrow", "--backbone", "./tiny"]);
  await json(["train", "tiny.arrow", "-o", "tiny.onnx", "--cv", "0"]);
});

describe.concurrent("a local folder as a backbone", () => {
  it("is found again by the head that it made", async () => {
    const raw = await json<{ predictions: headstart.Prediction[] }>(["predict", "tiny.onnx", "reviews.csv"]);
    const arrow = await json<{ predictions: headstart.Prediction[] }>(["predict", "tiny.onnx", "tiny.arrow"]);
    expect(raw.predictions).toEqual(arrow.predictions);
    expect(raw.predictions).toHaveLength(60);
  });

  it("tells in embed's summary what was asked of it, and no more", async () => {
    const told = async (...flags: string[]) =>
      run(["embed", "reviews.csv", "-o", "told.arrow", "--backbone", "./tiny", ...flags]);
    const usual = await told();
    expect(usual.stdout).not.toMatch(/^ {2}(feature|prompt)/m);
    const { stdout, stderr } = await told("--pooling", "max", "--normalize", "--prompt", "the room label ");
    expect(stdout).toMatch(/^ {2}feature +max of 'last_hidden_state', normalised$/m);
    expect(stdout).toMatch(/^ {2}prompt +'the room label ' before each text$/m);
    expect(stderr).toContain("guessed: prompt: the words 'the room label ' before each text (no prompt of");
    expect((await told("--precision", "fp32")).stdout).toMatch(/^ {2}feature +fp32$/m);
    const named = checkpointOfFixture("sentence-prompt", "bert");
    const flags = ["--backbone", named, "--prompt", "query"];
    const byName = await run(["embed", "reviews.csv", "-o", "named.arrow", ...flags]);
    expect(byName.stdout).toMatch(/^ {2}prompt +'The quick query: ' before each text$/m);
    expect(byName.stderr).not.toContain("prompt:");
  });

  it("may have moved, if one says where to", async () => {
    const elsewhere = at("elsewhere/tiny");
    writeTinyCheckpoint(elsewhere);
    const flags = ["--backbone", elsewhere];
    const moved = await json<headstart.PredictResult>(["predict", "tiny.onnx", "reviews.csv", ...flags]);
    expect(moved.rows).toBe(60);
  });
});

describe.concurrent("a head given another backbone's vectors", () => {
  it("refuses, naming both files, both backbones and both fingerprints", async () => {
    const both =
      /tiny\.onnx was trained on '\.\/tiny' \([0-9a-f]{12}\), lite\.arrow was made with 'use-lite' \([0-9a-f]{12}\)/;
    await refused(["evaluate", "tiny.onnx", "lite.arrow"], 1, both, /head's backbone/);
    await refused(["predict", "tiny.onnx", "lite.arrow", "-o", "never.csv"], 1, both, /head's backbone/);
    const flags = ["--backbone", "use-lite"];
    await refused(
      ["predict", "tiny.onnx", "reviews.csv", ...flags],
      1,
      /tiny\.onnx was trained on '\.\/tiny'/,
      /./,
    );
    expect(readdirSync(path)).not.toContain("never.csv");
  });

  it("refuses the same weights with another pooling", async () => {
    const flags = ["--backbone", "./tiny", "--pooling", "max"];
    await json(["embed", "reviews.csv", "-o", "max.arrow", ...flags]);
    await refused(
      ["evaluate", "tiny.onnx", "max.arrow"],
      1,
      /tiny\.onnx was trained on/,
      /differ in pooling \(mean, max\)/,
    );
  });

  it("says so with --json as data", async () => {
    const { code, stdout } = await run(["evaluate", "tiny.onnx", "lite.arrow", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "fingerprint",
        facts: { head: { backbone: "./tiny" }, embeddings: { backbone: "use-lite", path: "lite.arrow" } },
      },
    });
  });
});

describe.concurrent("a backbone that does not fit", () => {
  it.each([
    ["an id that nobody has", "use-light", 1, /No backbone 'use-light'/, /mobilenet-v2-mid, use-lite/],
    [
      "a folder that is not there",
      "./gone",
      1,
      /No backbone '\.\/gone'/,
      /config\.json and onnx\/model\.onnx/,
    ],
    [
      "a folder that holds none",
      "./pictures",
      1,
      /pictures is no checkpoint/,
      /config\.json and onnx\/model\.onnx/,
    ],
    ["its graph", "./tiny/onnx/model.onnx", 1, /is a file, and a backbone is a folder/, /tiny\. --precision/],
    ["one for images", "mobilenet-v2-mid", 2, /reads images, but reviews\.csv holds text/, /use-lite/],
  ] as const)("%s", async (_what, backbone, code, message, hint) => {
    await refused(["embed", "reviews.csv", "-o", "no.arrow", "--backbone", backbone], code, message, hint);
  });

  it("one for text, given images", async () => {
    const images = /'use-lite' reads text, but pictures holds images/;
    await refused(
      ["embed", "pictures", "-o", "no.arrow", "--backbone", "use-lite"],
      2,
      images,
      /mobilenet-v2-mid/,
    );
    await refused(["predict", "lite.onnx", "pictures", "-o", "no.csv"], 2, images, /was trained on that/);
    expect(readdirSync(path).filter((name) => name.startsWith("no."))).toEqual([]);
  });
});
