import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "../../src/core/make-folder.js";
import { temporaryFolder } from "../data/temporary-folder.js";

const { path } = temporaryFolder();

it("makes what is missing, and leaves what is there", async () => {
  const deep = join(path, "a", "b", "c");
  await makeFolder(deep);
  writeFileSync(join(deep, "kept"), "");
  await makeFolder(deep);
  await makeFolder(join(path, "a"));
  expect(existsSync(join(deep, "kept"))).toBe(true);
  await makeFolder("/");
});

it("makes one folder for many who ask at once", async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => makeFolder(join(path, "many", `${i % 3}`, "x"))));
  expect(existsSync(join(path, "many", "2", "x"))).toBe(true);
});

it("says why it cannot", async () => {
  writeFileSync(join(path, "file"), "");
  await expect(makeFolder(join(path, "file"))).rejects.toThrow("EEXIST");
  await expect(makeFolder(join(path, "file", "below"))).rejects.toThrow("ENOTDIR");
});

it.runIf(process.platform === "linux")("ends where nothing can be made, at any depth", async () => {
  await expect(makeFolder("/proc/nope")).rejects.toThrow("ENOENT");
  await expect(makeFolder("/proc/nope/below/it")).rejects.toThrow("ENOENT");
});
