import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { externalPath, externalRange } from "../../src/onnx/external-path.js";
import type { Tensor } from "../../src/onnx/model.js";

let root: string;
let folder: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "external-")));
  folder = join(root, "model");
  mkdirSync(join(folder, "parts"), { recursive: true });
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(64));
  writeFileSync(join(folder, "parts", "a.bin"), new Uint8Array(8));
  writeFileSync(join(root, "secret"), "secret");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("the path of weights beside a model", () => {
  it("is found inside the folder and below it", () => {
    expect(externalPath(folder, "weights.bin")).toBe(join(folder, "weights.bin"));
    expect(externalPath(folder, "./parts/a.bin")).toBe(join(folder, "parts", "a.bin"));
  });

  it.each([
    ["", "no plain relative path"],
    ["/etc/passwd", "no plain relative path"],
    ["../secret", "no plain relative path"],
    ["parts/../../secret", "no plain relative path"],
    ["..\\secret", "no plain relative path"],
    ["C:secret", "no plain relative path"],
    ["C:\\secret", "no plain relative path"],
    ["\\\\server\\share", "no plain relative path"],
    ["weights.bin\0.txt", "no plain relative path"],
    ["parts//a.bin", "no plain relative path"],
    ["parts", "no regular file"],
    ["nowhere.bin", "cannot be read"],
    ["weights.bin/x", "cannot be read"],
  ])("refuses %j", (location, why) => {
    expect(() => externalPath(folder, location)).toThrow(
      expect.objectContaining({
        code: "model",
        message: expect.stringContaining(why),
        hint: expect.any(String),
      }),
    );
  });

  it("follows a link inside the folder, and none that leaves it", () => {
    symlinkSync("weights.bin", join(folder, "inside"));
    symlinkSync("../secret", join(folder, "outside"));
    symlinkSync(root, join(folder, "up"));
    symlinkSync("loop", join(folder, "loop"));
    expect(externalPath(folder, "inside")).toBe(join(folder, "weights.bin"));
    expect(() => externalPath(folder, "outside")).toThrow(/outside of its folder/);
    expect(() => externalPath(folder, "up/secret")).toThrow(/outside of its folder/);
    expect(() => externalPath(folder, "loop")).toThrow(/cannot be read/);
    if (process.platform !== "win32") {
      symlinkSync("/dev/zero", join(folder, "zero"));
      expect(() => externalPath(folder, "zero")).toThrow(/outside of its folder/);
    }
  });

  it("follows the links of Hugging Face's cache into the blobs of the same repository only", () => {
    const repository = join(root, "hub", "models--a--b");
    const snapshot = join(repository, "snapshots", "0123abc", "onnx");
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(repository, "blobs"));
    mkdirSync(join(root, "hub", "models--other", "blobs"), { recursive: true });
    writeFileSync(join(repository, "blobs", "d1"), "weights");
    writeFileSync(join(root, "hub", "models--other", "blobs", "d2"), "weights");
    symlinkSync("../../../blobs/d1", join(snapshot, "model.onnx_data"));
    symlinkSync("../../../../models--other/blobs/d2", join(snapshot, "other"));
    symlinkSync("../../../../../secret", join(snapshot, "leaves"));
    expect(externalPath(snapshot, "model.onnx_data")).toBe(join(repository, "blobs", "d1"));
    expect(() => externalPath(snapshot, "other")).toThrow(/outside of its folder/);
    expect(() => externalPath(snapshot, "leaves")).toThrow(/outside of its folder/);
  });
});

describe("the range of a tensor in such a file", () => {
  const tensor = (entries: Record<string, string>, dims: number[] = [4, 2]): Tensor => ({
    name: "w",
    dtype: "float32",
    dims,
    content: { kind: "external", entries: { location: "weights.bin", ...entries } },
  });

  it("is read from offset and length, each of which may be absent", () => {
    const path = join(folder, "weights.bin");
    expect(externalRange(folder, tensor({}))).toEqual({ path, offset: 0, length: 32 });
    expect(externalRange(folder, tensor({ offset: "32", length: "32" }))).toEqual({
      path,
      offset: 32,
      length: 32,
    });
    expect(externalRange(folder, tensor({ offset: "3" }))).toEqual({ path, offset: 3, length: 32 });
  });

  it.each([
    [{ offset: "33" }, [4, 2]],
    [{ offset: "-1" }, [4, 2]],
    [{ offset: "1e1" }, [4, 2]],
    [{ offset: "9007199254740993" }, [4, 2]],
    [{ length: "16" }, [4, 2]],
    [{ length: "64" }, [4, 2]],
    [{}, [1_000_000_000]],
  ])("must fit the file and the tensor: %j %j", (entries, dims) => {
    expect(() => externalRange(folder, tensor(entries, dims))).toThrow(/'w' .* does not fit 'weights.bin'/);
  });

  it("names dimensions whose product no file could hold", () => {
    expect(() => externalRange(folder, tensor({}, [2 ** 40, 2 ** 40]))).toThrow(/too many elements/);
    expect(() => externalRange(folder, tensor({}, Array(1e6).fill(2 ** 40)))).toThrow(/too many elements/);
    expect(externalRange(folder, tensor({}, [2 ** 40, 0, 2 ** 40])).length).toBe(0);
  });
});
