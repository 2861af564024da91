import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { encodeModel, type Model } from "../../src/onnx/index.js";
import {
  checkpointOf,
  IMAGE_FILES,
  imageGraph,
  textFiles,
  textGraph,
} from "../backbones/tiny-checkpoints.js";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderOf(graph: Model, files: Readonly<Record<string, object>>): string {
  const folder = checkpointOf(graph, files);
  made.push(folder);
  return folder;
}
const textFolder = (graph: Model = textGraph(), files = textFiles()) => folderOf(graph, files);

async function refused(folder: string, message: RegExp): Promise<void> {
  const started = performance.now();
  const failure = await resolveBackbone(folder).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    name: "HeadstartError",
    code: "model",
    message: expect.stringMatching(message),
  });
  expect((failure as { hint?: string }).hint).toEqual(expect.any(String));
  expect(performance.now() - started).toBeLessThan(3000);
}

/** Where a graph's table of vectors lies in another file. */
function moved(entries: Record<string, string>): Model {
  const { graph, ...rest } = textGraph();
  const content = { kind: "external", entries } as const;
  return {
    ...rest,
    graph: { ...graph, initializers: graph.initializers.map((tensor) => ({ ...tensor, content })) },
  };
}

describe("a checkpoint whose graph is something else", () => {
  it.each([
    [
      "a Git LFS pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 90000000\n",
      /onnx\/model\.onnx is no ONNX model: it is a Git LFS pointer/,
    ],
    [
      "a web page",
      "<!doctype html><html><title>Log in</title></html>",
      /model\.onnx is no ONNX model: it is an HTML page/,
    ],
    ["empty", "", /model\.onnx is no ONNX model: it is empty/],
    ["PyTorch's", "PK\u0003\u0004archive/data.pkl", /a zip archive, which PyTorch's/],
  ])("%s is named with its path", async (_what, content, message) => {
    const folder = textFolder();
    writeFileSync(join(folder, "onnx/model.onnx"), content, "latin1");
    await refused(folder, message);
  });

  it("a folder or a pipe is refused", async () => {
    const folder = textFolder();
    rmSync(join(folder, "onnx/model.onnx"));
    if (process.platform === "win32") mkdirSync(join(folder, "onnx/model.onnx"));
    else execFileSync("mkfifo", [join(folder, "onnx/model.onnx")]);
    await refused(folder, /no regular file|no ONNX export/);
  });
});

describe("a checkpoint whose weights lie elsewhere", () => {
  it.each([
    [{ location: "/etc/passwd" }, /outside of its folder/],
    [{ location: "../../secret" }, /outside of its folder/],
    [{ location: "absent.bin" }, /cannot be read/],
    [{}, /outside of its folder/],
  ])("%j is refused", async (entries, message) => {
    await refused(textFolder(moved(entries as Record<string, string>)), message);
  });

  it("behind a link out of the folder is refused, in a file that is too short named", async () => {
    const folder = textFolder(moved({ location: "w.bin" }));
    const secret = mkdtempSync(join(tmpdir(), "headstart-secret-"));
    made.push(secret);
    writeFileSync(join(secret, "w.bin"), new Uint8Array(4096));
    symlinkSync(join(secret, "w.bin"), join(folder, "onnx/w.bin"));
    await refused(folder, /is a link to/);
    rmSync(join(folder, "onnx/w.bin"));
    writeFileSync(join(folder, "onnx/w.bin"), new Uint8Array(10));
    await refused(folder, /'table' .* does not fit 'w\.bin'/);
    copyFileSync(join(secret, "w.bin"), join(folder, "onnx/w.bin"));
    expect((await resolveBackbone(folder)).spec.dim).toBe(4);
  });
});

describe("a checkpoint whose graph takes what cannot be given", () => {
  it.each(["string", "float64", "complex64"] as const)("%s as token ids", (dtype) =>
    refused(textFolder(textGraph({ dtype })), /input 'input_ids'.*(int64|integer)/));
  it.each(["string", "int64"] as const)("%s as pixels", (dtype) =>
    refused(folderOf(imageGraph(["n", 3, "h", "w"], dtype), IMAGE_FILES), /input 'pixel_values'/));
});

describe("a checkpoint whose files do not fit each other", () => {
  it("more words than vectors", async () => {
    const files = textFiles();
    const tokenizer = files["tokenizer.json"] as { model: { vocab: Record<string, number> } };
    tokenizer.model.vocab.far = 1_000_000;
    await refused(textFolder(textGraph(), files), /ids up to 1000000, the graph has vectors for 6 tokens/);
  });

  it("a limit of tokens that no memory holds", async () => {
    const files = textFiles({ model_type: "siglip" }, { model_max_length: 999_999_999 });
    await refused(textFolder(textGraph(), files), /tokens/);
  });

  it.each<[string, unknown, RegExp]>([
    ["a list for config.json", [1], /config\.json holds a list/],
    ["a text for config.json", "bert", /config\.json holds a string/],
  ])("%s", async (_what, config, message) => {
    const folder = textFolder();
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    await refused(folder, message);
  });

  it("config.json with wrong types everywhere gives a named error or a backbone, nothing else", async () => {
    const wrong = [null, true, -1, 1e308, "x", [], {}, [[]]];
    const keys = [
      "model_type",
      "hidden_size",
      "pad_token_id",
      "max_position_embeddings",
      "architectures",
      "vocab_size",
      "text_config",
      "vision_config",
    ];
    for (const key of keys) {
      for (const value of wrong) {
        const files = textFiles({ [key]: value });
        const failure = await resolveBackbone(textFolder(textGraph(), files)).then(
          () => null,
          (error: unknown) => error,
        );
        if (failure !== null)
          expect([key, value, failure]).toMatchObject([key, value, { name: "HeadstartError" }]);
      }
    }
  });

  it("tokenizer.json with wrong types everywhere gives a named error or a backbone, nothing else", async () => {
    const wrong = [null, true, -1, "x", [], {}, [null], [[1]]];
    for (const key of [
      "added_tokens",
      "normalizer",
      "pre_tokenizer",
      "post_processor",
      "decoder",
      "model",
      "truncation",
      "padding",
    ]) {
      for (const value of wrong) {
        const files = textFiles();
        files["tokenizer.json"] = { ...files["tokenizer.json"], [key]: value };
        const failure = await resolveBackbone(textFolder(textGraph(), files)).then(
          (backbone) => {
            const { preprocessor } = backbone;
            if (preprocessor.kind === "text") preprocessor.encode("the room was cold");
            return null;
          },
          (error: unknown) => error,
        );
        if (failure !== null)
          expect([key, value, failure]).toMatchObject([key, value, { name: "HeadstartError" }]);
      }
    }
  });

  it("a model that is none is not loaded for its name alone", async () => {
    const folder = textFolder();
    writeFileSync(join(folder, "onnx/model.onnx"), encodeModel({ ...textGraph(), irVersion: 99 }));
    await refused(folder, /model\.onnx: IR version 99/);
  });
});
