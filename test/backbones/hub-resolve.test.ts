import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import { encodeModel, type Model } from "../../src/onnx/index.js";
import { tinyRepository } from "./hub-files.js";
import { type HubServer, startHub } from "./hub-server.js";
import { IMAGE_FILES, imageGraph, textFiles, textGraph } from "./tiny-checkpoints.js";

const ID = "org/tiny";

let hub: HubServer;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "headstart-hub-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

async function serve(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  hub = await startHub(files);
  for (const [name, value] of [
    ["HF_ENDPOINT", hub.endpoint],
    ["HF_HUB_CACHE", join(home, "hub")],
    ["HF_HOME", home],
  ] as const) {
    vi.stubEnv(name, value);
  }
}

const json = (files: Readonly<Record<string, object>>): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, Buffer.from(JSON.stringify(content))]),
  );

/** A graph whose weights lie in another file, and that file. */
function outside(model: Model, location: string): { model: Model; data: Uint8Array } {
  const [table, ...rest] = model.graph.initializers;
  if (table?.content.kind !== "raw") throw new Error("expected raw weights");
  const data = table.content.bytes;
  const entries = { location, offset: "0", length: String(data.length) };
  const moved = { ...table, content: { kind: "external", entries } as const };
  return { model: { ...model, graph: { ...model.graph, initializers: [moved, ...rest] } }, data };
}

async function vectors(id: string, texts: readonly string[]): Promise<Float32Array> {
  const backbone = await resolveBackbone(id);
  const { preprocessor } = backbone;
  if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
  const encoder = await backbone.open();
  try {
    return await encoder.encodeTexts(texts.map((text) => preprocessor.encode(text).ids));
  } finally {
    await encoder.release();
  }
}

describe("a Hub id", () => {
  it("becomes a backbone that names its commit, licence and address", async () => {
    await serve(tinyRepository());
    const events: ProgressEvent[] = [];
    const { spec, origin } = await resolveBackbone(ID, { onProgress: (event) => events.push(event) });
    expect(spec).toMatchObject({ id: ID, revision: expect.stringMatching(/^[0-9a-f]{40}$/), dim: 4 });
    expect(origin).toMatchObject({
      license: "apache-2.0",
      source: `${hub.endpoint}/${ID}/tree/${spec.revision}`,
    });
    expect(new Set(events.map(({ stage }) => stage))).toEqual(new Set(["download"]));
  });

  it("brings the weights that lie beside its graph, behind the links of the cache", async () => {
    const whole = { ...json(textFiles()), "onnx/model.onnx": encodeModel(textGraph()) };
    await serve(whole);
    const expected = await vectors(ID, ["the room was cold", "room"]);
    await hub.close();
    const { model, data } = outside(textGraph(), "model.onnx_data");
    home = mkdtempSync(join(tmpdir(), "headstart-hub-"));
    await serve({ ...whole, "onnx/model.onnx": encodeModel(model), "onnx/model.onnx_data": data });
    expect(await vectors(ID, ["the room was cold", "room"])).toEqual(expected);
  });

  it("has the fingerprint of the same files in a folder", async () => {
    const { model, data } = outside(textGraph(), "model.onnx_data");
    const files = {
      ...json(textFiles()),
      "vocab.txt": Buffer.from("other words\n"),
      "README.md": Buffer.from("# Tiny"),
      "onnx/model.onnx": encodeModel(model),
      "onnx/model.onnx_data": data,
    };
    await serve(files);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(home, "mine", path)), { recursive: true });
      writeFileSync(join(home, "mine", path), content);
    }
    const [pulled, mine] = [await resolveBackbone(ID), await resolveBackbone(join(home, "mine"))];
    expect(pulled.fingerprint).toBe(mine.fingerprint);
  });

  it("of two sides brings the one that is asked for", async () => {
    await serve({
      ...json({
        ...textFiles({ model_type: "clip" }),
        ...IMAGE_FILES,
        "config.json": { model_type: "clip" },
      }),
      "onnx/text_model.onnx": encodeModel(textGraph()),
      "onnx/vision_model.onnx": encodeModel(imageGraph(["batch", 3, 8, 8])),
    });
    const { spec } = await resolveBackbone(ID, { modality: "image" });
    expect(spec).toMatchObject({ modality: "image", dim: 3 });
    expect(hub.downloads().filter((url) => url.includes("text_model"))).toEqual([]);
  });

  it("stands back behind a folder of the same name under models/", async () => {
    await serve(tinyRepository());
    const before = process.cwd();
    const files = { ...json(textFiles()), "onnx/model.onnx": encodeModel(textGraph()) };
    for (const [path, content] of Object.entries(files)) {
      const target = join(home, "models", ID, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
    process.chdir(home);
    try {
      expect((await resolveBackbone(ID)).spec.revision).toBeNull();
      await expect(resolveBackbone(ID, { revision: "v1" })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("it has no revision"),
      });
    } finally {
      process.chdir(before);
    }
    expect(hub.seen).toEqual([]);
  });

  it.each([
    "missing",
    "./org/tiny",
    "a/b/c",
    "-x/y",
    "a/../b",
    "org/.hidden",
    "http://x/y",
  ])("is not what %s is: the network is not asked", async (id) => {
    await serve({});
    await expect(resolveBackbone(id)).rejects.toMatchObject({
      code: "model",
      message: `No backbone '${id}': neither an embedded one nor a folder`,
    });
    expect(hub.seen).toEqual([]);
  });
});
