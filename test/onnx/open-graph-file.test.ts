import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { encodeModel, graphBuilder, type Model, openSession } from "../../src/onnx/index.js";
import { openGraphFile } from "../../src/onnx/open-graph-file.js";

const root = mkdtempSync(join(tmpdir(), "headstart-graph-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = (name: string): string => {
  mkdirSync(join(root, name), { recursive: true });
  return join(root, name);
};
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A table of `rows` vectors of 64 numbers, looked up, and a small bias. */
function table(rows: number, seed = 1): Model {
  const g = graphBuilder({ name: "table" });
  const ids = g.input("ids", "int64", ["n"]);
  const values = Float32Array.from({ length: rows * 64 }, (_, i) => (i * seed) % 251);
  const found = g.op("Gather", [g.float32(values, [rows, 64], "table"), ids]);
  g.output(g.op("Add", [found, g.float32(new Float32Array(64).fill(2), [64], "bias")]), "y", "float32", [
    "n",
    64,
  ]);
  return g.build();
}

async function lookUp(bytes: Uint8Array, weights?: string): Promise<number[]> {
  const session = await openSession(bytes, { threads: 1, ...(weights !== undefined && { weights }) });
  const { y } = await session.run({ ids: { dtype: "int64", data: Int32Array.of(3, 0), dims: [2] } });
  await session.release();
  return [...(y!.data as Float32Array)];
}

/** The model with its table in `location`, beside the graph. */
function apart(model: Model, location: string): { graph: Uint8Array; weights: Uint8Array } {
  let weights = new Uint8Array(0);
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.name !== "table" || tensor.content.kind !== "raw") return tensor;
    weights = Uint8Array.from(tensor.content.bytes);
    return { ...tensor, content: { kind: "external", entries: { location } } as const };
  });
  return { graph: encodeModel({ ...model, graph: { ...model.graph, initializers } }), weights };
}

describe("a graph file", () => {
  it("is opened without its large weights, which sessions take from the file", async () => {
    const path = join(folder("plain"), "model.onnx");
    const bytes = encodeModel(table(1000));
    writeFileSync(path, bytes);
    const file = await openGraphFile(path, null);
    expect(file.digest).toBe(sha256(bytes));
    expect(file.size).toBe(bytes.length);
    const skeleton = encodeModel(file.model);
    expect(skeleton.length).toBeLessThan(1500);
    expect(file.model.graph.initializers.map(({ name, content }) => [name, content.kind])).toEqual([
      ["table", "external"],
      ["bias", "raw"],
    ]);
    expect(await lookUp(skeleton, file.folder)).toEqual(await lookUp(bytes));
  });

  it("tells where it has changed since", async () => {
    const path = join(folder("changed"), "model.onnx");
    writeFileSync(path, encodeModel(table(1000)));
    const file = await openGraphFile(path, null);
    await file.check();
    writeFileSync(path, encodeModel(table(1000, 2)));
    await expect(file.check()).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("changed since it was read"),
    });
  });
});

describe("weights in other files", () => {
  it("count in the digest, and are found in the folder alone", async () => {
    const at = folder("apart");
    const { graph, weights } = apart(table(1000), "model.onnx_data");
    writeFileSync(join(at, "model.onnx"), graph);
    await expect(openGraphFile(join(at, "model.onnx"), null)).rejects.toThrow(/model.onnx_data/);
    writeFileSync(join(at, "model.onnx_data"), weights);
    const file = await openGraphFile(join(at, "model.onnx"), null);
    expect(await lookUp(encodeModel(file.model), file.folder)).toEqual(
      await lookUp(encodeModel(table(1000))),
    );
    expect(file.size).toBe(graph.length + weights.length);
    writeFileSync(
      join(at, "model.onnx_data"),
      weights.map((byte) => byte ^ 1),
    );
    expect((await openGraphFile(join(at, "model.onnx"), null)).digest).not.toBe(file.digest);
    const outside = apart(table(1000), "../secret");
    writeFileSync(join(root, "secret"), outside.weights);
    writeFileSync(join(at, "model.onnx"), outside.graph);
    await expect(openGraphFile(join(at, "model.onnx"), null)).rejects.toMatchObject({ code: "model" });
  });

  it("are followed through the links of Hugging Face's cache", async () => {
    const repository = folder("models--a--b");
    const snapshot = join(repository, "snapshots", "0123", "onnx");
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(repository, "blobs"));
    const { graph, weights } = apart(table(1000), "model.onnx_data");
    writeFileSync(join(repository, "blobs", "g"), graph);
    writeFileSync(join(repository, "blobs", "w"), weights);
    symlinkSync("../../../blobs/g", join(snapshot, "model.onnx"));
    symlinkSync("../../../blobs/w", join(snapshot, "model.onnx_data"));
    const file = await openGraphFile(join(snapshot, "model.onnx"), null);
    expect(await lookUp(encodeModel(file.model), file.folder)).toEqual(
      await lookUp(encodeModel(table(1000))),
    );
  });
});

describe("what is remembered of a large file", () => {
  const path = join(folder("large"), "model.onnx");
  const cache = join(root, "cache");
  const entry = (): string => join(cache, "graphs", readdirSync(join(cache, "graphs"))[0]!);

  it("saves reading it again, as long as it is the same", async () => {
    writeFileSync(path, encodeModel(table(140_000)));
    const first = await openGraphFile(path, cache);
    const started = performance.now();
    const again = await openGraphFile(path, cache);
    expect(performance.now() - started).toBeLessThan(1000);
    expect([again.digest, again.folder, again.size]).toEqual([first.digest, first.folder, first.size]);
    expect(encodeModel(again.model)).toEqual(encodeModel(first.model));
    expect(readFileSync(entry()).length).toBeLessThan(4000);
    const changed = encodeModel(table(140_000, 2));
    writeFileSync(path, changed);
    // Whoever sets the time back does not set back the time of the change.
    utimesSync(path, new Date(0), new Date(0));
    expect((await openGraphFile(path, cache)).digest).toBe(sha256(changed));
  });

  it("is not believed where it is damaged", async () => {
    const { digest } = await openGraphFile(path, cache);
    const whole = readFileSync(entry());
    for (const damage of [
      whole.subarray(0, whole.length - 1),
      whole.subarray(0, 20),
      Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)]),
      Buffer.from("null\n"),
      Buffer.from("{}\n"),
    ]) {
      writeFileSync(entry(), damage);
      const file = await openGraphFile(path, cache);
      expect(file.digest).toBe(digest);
      expect(file.model.graph.initializers.length).toBe(2);
    }
  });

  it("is of one snapshot of Hugging Face's cache, where another has the same graph and other weights", async () => {
    const repository = folder("models--c--d");
    mkdirSync(join(repository, "blobs"));
    const snapshot = (commit: string, blob: string): string => {
      const at = join(repository, "snapshots", commit);
      mkdirSync(at, { recursive: true });
      symlinkSync("../../blobs/g", join(at, "model.onnx"));
      symlinkSync(`../../blobs/${blob}`, join(at, "model.onnx_data"));
      return join(at, "model.onnx");
    };
    const { graph, weights } = apart(table(140_000), "model.onnx_data");
    writeFileSync(join(repository, "blobs", "g"), graph);
    writeFileSync(join(repository, "blobs", "w"), weights);
    writeFileSync(
      join(repository, "blobs", "v"),
      weights.map((byte) => byte ^ 1),
    );
    const [old, young] = [snapshot("a", "w"), snapshot("b", "v")];
    const first = await openGraphFile(old, cache);
    expect((await openGraphFile(young, cache)).digest).toBe((await openGraphFile(young, null)).digest);
    // A link that is led elsewhere is another file.
    rmSync(join(repository, "snapshots", "a", "model.onnx_data"));
    symlinkSync("../../blobs/v", join(repository, "snapshots", "a", "model.onnx_data"));
    await expect(first.check()).rejects.toThrow(/changed since it was read/);
    const led = await openGraphFile(old, cache);
    expect(led.digest).not.toBe(first.digest);
    expect(led.digest).toBe((await openGraphFile(old, null)).digest);
  });
});
