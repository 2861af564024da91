import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonSize } from "../../src/backbones/json-size.js";
import { pathWithin } from "../../src/backbones/path-within.js";
import { readJson, readJsonList } from "../../src/backbones/read-json.js";
import { readSentenceModules } from "../../src/backbones/sentence-modules.js";
import { readTokenizer } from "../../src/backbones/text/read-tokenizer.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "json-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function written(content: string): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, content);
  return path;
}

async function refused(path: string, message: RegExp): Promise<void> {
  const started = performance.now();
  await expect(readJson(path)).rejects.toMatchObject({
    name: "HeadstartError",
    code: "model",
    message: expect.stringMatching(message),
    facts: { path },
    hint: expect.any(String),
  });
  expect(performance.now() - started).toBeLessThan(2000);
}

describe("a checkpoint's JSON file", () => {
  it.each<[string, string, RegExp]>([
    ["a list", "[1, 2]", /holds a list, where an object/],
    ["null", "null", /holds null/],
    ["a number", "1e999", /holds a number/],
    ["nothing", "", /not valid JSON/],
    ["a web page", "<!doctype html><html></html>", /not valid JSON/],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1", /not valid JSON/],
    ["lists in lists", "[".repeat(200_000) + "]".repeat(200_000), /nested 200000 deep; the limit is 64/],
    ["objects in objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, /nested 100000 deep/],
    ["lists without an end", "[".repeat(200_000), /nested 200000 deep/],
    [
      "twenty million values",
      `{"a":[${"1,".repeat(20_000_000)}1]}`,
      /has 20000003 values; the limit is 12000000/,
    ],
  ])("that is %s is refused", async (_what, content, message) => {
    await refused(written(content), message);
  });

  it("of 500 MB is refused before it is read", async () => {
    const path = join(folder, "tokenizer.json");
    closeSync(openSync(path, "w"));
    truncateSync(path, 500 * 2 ** 20);
    const before = process.memoryUsage().rss;
    await refused(path, /tokenizer\.json has 500 MiB; the limit is 128/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  });

  it("has a vocab.txt beside it that is bounded too", async () => {
    const own = mkdtempSync(join(tmpdir(), "vocab-"));
    closeSync(openSync(join(own, "vocab.txt"), "w"));
    truncateSync(join(own, "vocab.txt"), 500 * 2 ** 20);
    await expect(readTokenizer(own, "bert")).rejects.toThrow(/vocab\.txt has 500 MiB; the limit is 128/);
    rmSync(own, { recursive: true });
  });

  it("that is a folder, or a device behind a link, is refused", async () => {
    mkdirSync(join(folder, "folder.json"));
    await refused(join(folder, "folder.json"), /no regular file/);
    if (process.platform === "win32") return;
    symlinkSync("/dev/zero", join(folder, "zero.json"));
    await refused(join(folder, "zero.json"), /no regular file/);
  });

  it("is read through a link, after a byte order mark, and with names of Object's own properties", async () => {
    const path = written('\ufeff{"__proto__": {"polluted": true}, "constructor": 1}');
    symlinkSync(path, join(folder, "link.json"));
    const value = await readJson(join(folder, "link.json"));
    expect(Object.keys(value!)).toEqual(["__proto__", "constructor"]);
    expect(value!.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("that is absent is null, and a list where one belongs is read", async () => {
    expect(await readJson(join(folder, "nowhere.json"))).toBeNull();
    expect(await readJsonList(written("[1]"))).toEqual([1]);
    await expect(readJsonList(written("{}"))).rejects.toThrow(/holds an object, where a list/);
  });
});

describe("the size of a JSON text", () => {
  const sizeOf = (text: string) => jsonSize(new TextEncoder().encode(text));
  it("counts values and depth, not what stands in strings", () => {
    expect(sizeOf('{"a": [1, 2, {"b": null}], "[[[": "]\\"[,,"}')).toEqual({ values: 7, depth: 3 });
    expect(sizeOf('"\\\\"')).toEqual({ values: 1, depth: 0 });
  });
});

describe("paths that a checkpoint's files name", () => {
  it("stay in its folder", () => {
    expect(pathWithin("/model", "1_Pooling", "modules.json")).toBe(join("/model", "1_Pooling"));
    expect(pathWithin("/model", "", "modules.json")).toBe(join("/model"));
    for (const named of [
      "..",
      "../../etc",
      "a/../../b",
      "/etc",
      "\\\\server\\x",
      "C:\\x",
      "C:x",
      "..\\x",
      "a\0b",
      7,
      null,
    ]) {
      expect(() => pathWithin("/model", named, "modules.json")).toThrow(/which lies outside of \/model/);
    }
  });

  it("of modules.json are checked, and their number is bounded", async () => {
    const modules = (list: unknown) => writeFileSync(join(folder, "modules.json"), JSON.stringify(list));
    modules([{ type: "sentence_transformers.models.Pooling", path: "../../secret" }]);
    await expect(readSentenceModules(folder)).rejects.toThrow(
      /modules\.json names "..\/..\/secret", which lies outside/,
    );
    modules([null]);
    await expect(readSentenceModules(folder)).rejects.toMatchObject({ code: "model" });
    modules(Array(65).fill({ type: "x.Dropout" }));
    await expect(readSentenceModules(folder)).rejects.toThrow(/lists 65 modules; the limit is 64/);
    modules({ type: "x" });
    await expect(readSentenceModules(folder)).rejects.toThrow(/holds an object, where a list/);
  });
});
