import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type * as headstart from "../../src/index.js";
import { picture, pictureFolders } from "./pictures.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
let embedded: headstart.EmbedResult;
beforeAll(async () => {
  await pictureFolders(at("pictures"));
  embedded = await json(["embed", "pictures", "-o", "x.arrow"]);
  await json(["train", "x.arrow", "-o", "head.onnx", "--cv", "2", "--head", "logistic-regression"]);
});

describe.concurrent("images, from folders to answers", () => {
  it("takes labels and splits from the folders", async () => {
    expect(embedded).toMatchObject({ rows: 12, dim: 816, backbone: "mobilenet-v2-mid", rejects: 0 });
    expect(embedded.guesses.join(" ")).toMatch(/labels.*splits: test, train/);
    const file = await json<headstart.InspectResult>(["inspect", "x.arrow"]);
    expect(file).toMatchObject({
      labels: [
        { name: "plain", rows: 6 },
        { name: "stripes", rows: 6 },
      ],
      splits: expect.arrayContaining([{ name: "train", rows: 8 }]),
    });
  });

  it("tells stripes from plain colours", async () => {
    const figures = await json<headstart.EvaluateResult>(["evaluate", "head.onnx", "x.arrow"]);
    expect(figures).toMatchObject({
      split: "test",
      rows: 4,
      metrics: { accuracy: { value: 1 }, floor: 0.5 },
    });
  });

  it("predicts for a folder what it predicts for its embeddings, and for one file too", async () => {
    const raw = await json<{ predictions: headstart.Prediction[] }>(["predict", "head.onnx", "pictures"]);
    const arrow = await json<{ predictions: headstart.Prediction[] }>(["predict", "head.onnx", "x.arrow"]);
    expect(raw.predictions).toHaveLength(12);
    raw.predictions.forEach((row, i) => {
      expect(row).toMatchObject({
        id: arrow.predictions[i]!.id,
        prediction: arrow.predictions[i]!.prediction,
      });
      expect(row.confidence).toBeCloseTo(arrow.predictions[i]!.confidence!, 5);
    });
    const one = await run(["predict", "head.onnx", "pictures/test/stripes/0.jpg"]);
    expect(JSON.parse(one.stdout)).toMatchObject({ id: "0.jpg", prediction: "stripes" });
  });
});

/** A PNG that says it is `size` pixels wide and high, with hardly any content. */
function hugePng(size: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8;
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.alloc(64)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe.concurrent("bad images", () => {
  beforeAll(async () => {
    const jpeg = await picture("plain", 1);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
    const files: [string, string | Buffer][] = [
      ["cut.jpg", jpeg.subarray(0, jpeg.length - 60)],
      ["fine.jpg", jpeg],
      ["none.png", ""],
      ["page.jpg", "<!doctype html><title>Sign in</title>"],
      ["pointer.jpg", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"],
      ["text.jpg", "dear all, this is a letter\n"],
      ["vast.png", hugePng(30_000)],
    ];
    for (const [name, content] of files) write(`mixed/${name}`, content);
    write("list.csv", "image,label\nmixed/fine.jpg,a\nmixed/gone.jpg,b\n../outside.jpg,b\n");
    write("vast.svg", svg);
    mkdirSync(at("nothing"));
  });

  it("are rejected one by one, each with its reason, and the rest is embedded", async () => {
    const began = performance.now();
    const result = await json<headstart.EmbedResult>(["embed", "mixed", "-o", "mixed.arrow"], 3);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(result).toMatchObject({ rows: 1, rejects: 6, rejectsFile: "mixed.arrow.rejects.jsonl" });
    const rejects = readFileSync(at("mixed.arrow.rejects.jsonl"), "utf8").trimEnd().split("\n");
    const reasons = Object.fromEntries(
      rejects
        .map((line) => JSON.parse(line) as { id: string; reason: string })
        .map(({ id, reason }) => [id, reason]),
    );
    expect(reasons).toEqual({
      "cut.jpg": expect.stringContaining("cut short or damaged"),
      "none.png": expect.stringContaining("empty (0 bytes)"),
      "page.jpg": expect.stringContaining("it is an HTML page"),
      "pointer.jpg": expect.stringContaining("it is a Git LFS pointer, not the file"),
      "text.jpg": expect.stringContaining("no image"),
      "vast.png": expect.stringContaining("30000 x 30000 pixels are over the limit"),
    });
  });

  it("are rejected by predict alike, beside the answers", async () => {
    const { code, stdout, stderr } = await run(["predict", "head.onnx", "mixed", "-o", "answers/mixed.csv"]);
    expect({ code, stdout }).toMatchObject({ code: 3, stdout: expect.stringMatching(/rows +1$/m) });
    const rejects = join("answers", "mixed.csv.rejects.jsonl");
    expect(stderr).toContain("6 rows rejected");
    expect(readFileSync(at(rejects), "utf8").trimEnd().split("\n")).toHaveLength(6);
  });

  it("end the run under --on-error fail, by name", async () => {
    await refused(
      ["embed", "mixed", "-o", "f.arrow", "--on-error", "fail"],
      1,
      /cut\.jpg/,
      /--on-error reject/,
    );
    expect(existsSync(at("f.arrow"))).toBe(false);
  });

  it("may be named by a table, but only inside its folder", async () => {
    const result = await json<headstart.EmbedResult>(["embed", "list.csv", "-o", "list.arrow"], 3);
    expect(result).toMatchObject({ rows: 1, rejects: 2 });
    const rejects = readFileSync(at("list.arrow.rejects.jsonl"), "utf8");
    expect(rejects).toMatch(/no such file: 'mixed\/gone.jpg'/);
    expect(rejects).toMatch(/lies outside/);
  });

  it("alone leave nothing to embed, and no file", async () => {
    await refused(
      ["embed", "mixed/none.png", "-o", "n.arrow"],
      1,
      /The only row of mixed.none.png could not/,
      /0 bytes/,
    );
    await refused(["embed", "vast.svg", "-o", "n.arrow"], 1, /vast\.svg/, /./);
    await refused(["embed", "nothing", "-o", "n.arrow"], 1, /nothing/, /./);
    expect(existsSync(at("n.arrow"))).toBe(false);
  });
});
