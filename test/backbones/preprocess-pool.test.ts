import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.js";
import { readCheckpoint } from "../../src/backbones/checkpoint.js";
import type { Medium, PreparedContent } from "../../src/backbones/preprocess/content.js";
import {
  defaultPixels,
  defaultThreads,
  type PreprocessPool,
  preprocessPool,
} from "../../src/backbones/preprocess/preprocess-pool.js";
import { startThread } from "../../src/backbones/preprocess/preprocess-thread.js";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";
import { loadText } from "../../src/backbones/text/text-preprocessor.js";
import { HeadstartError } from "../../src/core/errors.js";
import { contentHash, sha256 } from "../../src/core/hash.js";
import { packageRoot } from "../../src/core/package-root.js";
import { familyFixture } from "../golden/families-image/fixture.js";
import { audioFixture, audioGolden, soundPath } from "./audio-fixture.js";
import { checkpointOfFixture, TEXTS } from "./text-fixtures.js";

const shared = join(packageRoot(), "../shared");
const photographs = join(shared, "data/images/hymenoptera/test/bees");
const strange = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/pillow/strange.json"), "utf8"),
) as { cases: { name: string; file: string }[] };

type Preprocessor = Backbone["preprocessor"];

/** Folders of sentence-transformers in the fixtures have another's graph. */
const graphOf = (name: string): string => (name.startsWith("sentence-") ? "bert" : name);

/** A pool whose threads are at work. */
async function started(preprocessor: Preprocessor, threads = 2): Promise<PreprocessPool> {
  const pool = preprocessPool(preprocessor, { threads, startAfter: 0 });
  const first =
    preprocessor.kind === "text" ? pool.tokenise(["a"]) : pool.prepare({ bytes: new Uint8Array() });
  await first.catch(() => undefined);
  while (pool.threads < threads) await setTimeout(10);
  return pool;
}

/** What came of each, errors as all that they say; what libvips says of one may reach another of the same moment. */
async function outcomes(pool: PreprocessPool, media: readonly Medium[]): Promise<unknown[]> {
  const all: PromiseSettledResult<PreparedContent>[] = [];
  for (const medium of media) all.push(...(await Promise.allSettled([pool.prepare(medium)])));
  return all.map((one) => {
    if (one.status === "fulfilled") {
      const { hash, input, truncated } = one.value;
      const { buffer, byteOffset, byteLength } = input!;
      const digest = sha256(new Uint8Array(buffer, byteOffset, byteLength));
      return { hash: Buffer.from(hash).toString("hex"), input: [input!.length, digest], truncated };
    }
    return said(one.reason);
  });
}

function said(thrown: unknown): object {
  const { code, message, facts, hint } = thrown as HeadstartError;
  return { ours: thrown instanceof HeadstartError, code, message, facts, hint };
}

async function agrees(preprocessor: Preprocessor, media: readonly Medium[]): Promise<void> {
  const here = preprocessPool(preprocessor, { threads: 0 });
  const pool = await started(preprocessor);
  try {
    const [expected, actual] = [await outcomes(here, media), await outcomes(pool, media)];
    expect(here.threads).toBe(0);
    expect(actual).toEqual(expected);
    expect(actual.some((outcome) => "input" in (outcome as object))).toBe(true);
  } finally {
    await pool.close();
  }
}

const odd: Medium[] = [
  { path: join(tmpdir(), "headstart-no-such-file") },
  { path: tmpdir() },
  { path: join(import.meta.dirname, "preprocess-pool.test.ts") },
  { bytes: new Uint8Array() },
  { bytes: Buffer.from("neither an image nor a sound") },
];

describe("images prepared by threads equal those of this thread in every byte, and errors in every word", () => {
  const files = strange.cases.map(({ file }) => Buffer.from(file, "base64"));
  // Views of one buffer, as columns of bytes are; and files that are cut short.
  const media: Medium[] = files.flatMap((bytes) => [
    { bytes },
    { bytes: bytes.subarray(0, bytes.length >> 1) },
  ]);

  it.each(["siglip", "timm-resnet"])("%s", async (family) => {
    const fixture = familyFixture(family);
    const { preprocessor } = await resolveBackbone(await fixture.exports[0]!.folder());
    await agrees(preprocessor, [...fixture.pictures.map((path) => ({ path })), ...media, ...odd]);
  });

  it("the embedded backbone, and images that are shrunk while decoding", async () => {
    for (const resize of ["exact", "fast"] as const) {
      const { preprocessor } = await resolveBackbone("mobilenet-v2-mid", { resize });
      await agrees(preprocessor, [...media, ...odd]);
    }
  });

  it.skipIf(!existsSync(photographs))("photographs (skipped where ../shared is absent)", async () => {
    const { preprocessor } = await resolveBackbone(join(shared, "models/efficientnet-lite0"));
    const names = readdirSync(photographs).slice(0, 24);
    await agrees(
      preprocessor,
      names.map((name) => ({ path: join(photographs, name) })),
    );
  });
});

describe("sounds prepared by threads equal those of this thread", () => {
  it.each(["hubert", "whisper", "ast"])("%s", async (name) => {
    const { preprocessor } = await resolveBackbone(audioFixture(name));
    const sounds = Object.keys(audioGolden().vectors[name]!).map((sound) => soundPath(sound));
    const media: Medium[] = sounds.flatMap((path) => [{ path }, { bytes: readFileSync(path) }]);
    const cut = readFileSync(sounds[0]!).subarray(0, 60);
    await agrees(preprocessor, [...media, { bytes: cut }, ...odd]);
  });
});

describe("texts tokenised by threads equal those of this thread", () => {
  const texts = [...TEXTS, "", "\ud800 alone", "word ".repeat(5000)];
  const agree = async (preprocessor: Preprocessor): Promise<void> => {
    if (preprocessor.kind !== "text") throw new Error("expected a backbone that reads text");
    expect(preprocessor.recipe).toBeDefined();
    const expected = texts.map((text) => preprocessor.encode(text));
    const pool = await started(preprocessor, 1);
    const actual = await pool.tokenise(texts);
    await pool.close();
    expect(actual).toEqual(expected);
  };

  it("the embedded backbone", async () => {
    await agree((await resolveBackbone("use-lite")).preprocessor);
  });

  // WordPiece, byte-level BPE, BPE and Unigram by SentencePiece, texts that are filled, prompts, words put in lower case.
  const kinds = ["bert", "gpt2", "llama", "xlm-roberta", "siglip", "sentence-prompt", "sentence-lower"];
  it.each(kinds)("%s", async (name) => {
    const checkpoint = await readCheckpoint(checkpointOfFixture(name, graphOf(name)));
    await agree((await loadText(checkpoint, { maxTokens: 16 })).preprocessor);
  });

  it.skipIf(!existsSync(shared))("MiniLM (skipped where ../shared is absent)", async () => {
    const { preprocessor } = await resolveBackbone(join(shared, "models/all-MiniLM-L6-v2"));
    await agree(preprocessor);
  });
});

describe("a pool of threads", () => {
  it("tells the hash before it decodes, and spares what is not wanted", async () => {
    const { preprocessor } = await resolveBackbone("mobilenet-v2-mid");
    const bytes = Buffer.from(strange.cases[0]!.file, "base64");
    const pool = await started(preprocessor, 1);
    const asked: string[] = [];
    const wanted = async (hash: Uint8Array): Promise<boolean> => {
      asked.push(Buffer.from(hash).toString("hex"));
      await setTimeout(5);
      return false;
    };
    const { input, hash } = await pool.prepare({ bytes }, wanted);
    const fault = new HeadstartError("io", "the cache is gone", { hint: "Look for it." });
    const failing = pool.prepare({ bytes }, () => Promise.reject(fault));
    await expect(failing.catch(said)).resolves.toEqual(said(fault));
    await pool.close();
    expect(input).toBeNull();
    expect(Buffer.from(hash)).toEqual(Buffer.from(contentHash(bytes)));
    expect(asked).toEqual([Buffer.from(hash).toString("hex")]);
  });

  it("prepares images that are each larger than all pixels that may be held", async () => {
    const { default: sharp } = await import("sharp");
    const size = { width: 1500, height: 1000, channels: 3, background: "teal" } as const;
    const bytes = await sharp({ create: size }).png().toBuffer();
    const { preprocessor } = await resolveBackbone("mobilenet-v2-mid");
    for (const threads of [0, 2]) {
      const pool = preprocessPool(preprocessor, { threads, startAfter: 0, pixels: 1e6 });
      const all = await Promise.all(Array.from({ length: 12 }, () => pool.prepare({ bytes })));
      await pool.close();
      expect(new Set(all.map(({ input }) => sha256(new Uint8Array(input!.buffer)))).size).toBe(1);
    }
  });

  it("has no thread where there is one processor, and few where there are many", () => {
    for (const kind of ["text", "image", "audio"] as const) {
      const threads = [1, 2, 4, 8, 64].map((processors) => defaultThreads(kind, processors));
      expect(threads[0]).toBe(0);
      expect(threads).toEqual([...threads].sort((a, b) => a - b));
      expect(threads.at(-1)).toBeLessThanOrEqual(8);
    }
    expect(defaultThreads("image", 2)).toBe(0);
    expect(defaultPixels(2)).toBe(48e6);
    expect(defaultPixels(64)).toBe(192e6);
  });

  it("starts no thread before there is enough to do", async () => {
    const { preprocessor } = await resolveBackbone("use-lite");
    const pool = preprocessPool(preprocessor, { threads: 1, startAfter: 4 });
    await pool.tokenise(["a", "b", "c", "d"]);
    await setTimeout(300);
    expect(pool.threads).toBe(0);
    await pool.tokenise(["e"]);
    while (pool.threads === 0) await setTimeout(10);
    await pool.close();
    await expect(pool.tokenise(["f"])).rejects.toMatchObject({ code: "interrupted" });
  });

  it("ends the run where the tokenizer's files have changed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headstart-recipe-"));
    cpSync(checkpointOfFixture("bert"), folder, { recursive: true });
    const { preprocessor } = await resolveBackbone(folder);
    const file = join(folder, "tokenizer.json");
    writeFileSync(file, `${readFileSync(file, "utf8")}\n`);
    const pool = preprocessPool(preprocessor, { threads: 1, startAfter: 0 });
    const tokenised = async (): Promise<void> => {
      for (;;) {
        await pool.tokenise(["a"]);
        await setTimeout(10);
      }
    };
    await expect(tokenised()).rejects.toMatchObject({ code: "model", facts: { folder } });
    await pool.close();
  });

  it("fails what is in hand, and all that follows, when a thread dies", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "headstart-thread-")), "dies.mjs");
    writeFileSync(
      file,
      `import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ task }) => task === 1 && process.exit(7));
      parentPort.postMessage({ kind: "ready" });`,
    );
    const thread = startThread(file, { kind: "image", config: {}, options: {} });
    const gate = { wanted: () => true, admit: () => Promise.resolve() };
    const both = [0, 1].map(() => thread.prepare({ path: "a.jpg" }, gate));
    for (const one of [...both, both[0]!.catch(() => thread.prepare({ path: "b.jpg" }, gate))]) {
      await expect(one).rejects.toMatchObject({ code: "io", message: /ended: code 7/, hint: /goes on/ });
    }
    expect(thread.ready).toBe(false);
    await thread.end();
  });
});
