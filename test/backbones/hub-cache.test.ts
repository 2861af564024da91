import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { cachedCheckpoints } from "../../src/backbones/hub/cached-checkpoints.js";
import { repositoryFolder, snapshotFiles } from "../../src/backbones/hub/hub-cache.js";
import { hubCheckpoint } from "../../src/backbones/hub/hub-checkpoint.js";
import type { HubSettings } from "../../src/backbones/hub/hub-settings.js";
import { readLockRecord } from "../../src/backbones/hub/lock-record.js";
import { pullCheckpoint } from "../../src/backbones/hub/pull-checkpoint.js";
import { removeCheckpoint } from "../../src/backbones/hub/remove-checkpoint.js";
import { verifyCheckpoint } from "../../src/backbones/hub/verify-checkpoint.js";
import { noise, testSettings, tinyRepository } from "./hub-files.js";
import { gitDigest, type HubServer, sha256, startHub } from "./hub-server.js";

const ID = "org/tiny";
const INT8 = "onnx/model_quantized.onnx";
const int8 = { precision: "int8" } as const;

let files: Record<string, Uint8Array>;
beforeAll(() => {
  files = tinyRepository();
});

let hub: HubServer;
afterEach(() => hub.close());

async function start(more: Partial<HubSettings> = {}): Promise<HubSettings> {
  hub = await startHub(files);
  return testSettings(hub.endpoint, more);
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** A cache as huggingface_hub leaves it, of some of the files. */
function foreignCache(cache: string, paths: readonly string[], options: { links?: boolean } = {}): string {
  const repository = repositoryFolder(cache, ID);
  for (const folder of ["blobs", "refs", `snapshots/${COMMIT}/onnx`]) {
    mkdirSync(join(repository, folder), { recursive: true });
  }
  writeFileSync(join(repository, "refs", "main"), COMMIT);
  for (const path of paths) {
    const body = files[path]!;
    const blob = body.length < 4096 ? gitDigest(body) : sha256(body);
    const target = join(repository, "snapshots", COMMIT, path);
    if (options.links === false) {
      writeFileSync(target, body);
      continue;
    }
    writeFileSync(join(repository, "blobs", blob), body);
    symlinkSync(`${path.includes("/") ? "../" : ""}../../blobs/${blob}`, target);
  }
  return repository;
}

const WHOLE = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", INT8];

describe("a cache of huggingface_hub", () => {
  it("is used as it is where the network must not be used", async () => {
    const settings = await start({ offline: true });
    foreignCache(settings.cache, WHOLE);
    const { folder, commit } = await hubCheckpoint(ID, int8, settings);
    expect(commit).toBe(COMMIT);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
    expect(hub.seen).toEqual([]);
  });

  it.each([
    ["the precision", {}, /has no fp32 graph \(It has int8/],
    ["the revision", { ...int8, revision: "v1" }, /revision 'v1' is not in the cache/],
  ])("says what it lacks there: %s", async (_what, request, message) => {
    const settings = await start({ offline: true });
    foreignCache(settings.cache, WHOLE);
    await expect(hubCheckpoint(ID, request, settings)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      facts: expect.objectContaining({ reason: "offline" }),
    });
  });

  it.each([
    ["links", true],
    ["copies, as on Windows", false],
  ])("of %s is completed, not downloaded again", async (_what, links) => {
    const settings = await start();
    // The Hub's commit is the one that the cache holds.
    const commit = hub.commit(files);
    const repository = foreignCache(
      settings.cache,
      WHOLE.filter((path) => path !== "tokenizer.json"),
      { links },
    );
    cpSync(join(repository, "snapshots", COMMIT), join(repository, "snapshots", commit), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const result = await pullCheckpoint(ID, int8, settings);
    expect(result.commit).toBe(commit);
    expect(result.files.filter(({ downloaded }) => downloaded).map(({ path }) => path)).toEqual([
      "tokenizer.json",
    ]);
    const record = await readLockRecord(repository);
    expect(record?.commits[commit]?.files[INT8]).toEqual({
      size: 300_000,
      sha256: sha256(files[INT8]!),
      blob: sha256(files[INT8]!),
      found: true,
    });
  });

  it("lends its contents to another commit", async () => {
    const settings = await start();
    foreignCache(settings.cache, WHOLE);
    expect((await pullCheckpoint(ID, int8, settings)).downloadedBytes).toBe(0);
  });

  it("whose links lead elsewhere is not followed", async () => {
    const settings = await start({ offline: true });
    const repository = foreignCache(settings.cache, WHOLE);
    const outside = join(mkdtempSync(join(tmpdir(), "headstart-outside-")), "secret.json");
    writeFileSync(outside, "{}");
    symlinkSync(outside, join(repository, "snapshots", COMMIT, "modules.json"));
    symlinkSync("loop", join(repository, "snapshots", COMMIT, "loop"));
    expect(await snapshotFiles(repository, COMMIT)).toEqual([...WHOLE].sort());
  });
});

describe("verify", () => {
  it("finds what was changed and what is missing", async () => {
    const settings = await start();
    const { folder, commit } = await pullCheckpoint(ID, int8, settings);
    expect((await verifyCheckpoint(ID, {}, settings)).every(({ state }) => state === "ok")).toBe(true);
    writeFileSync(join(folder, INT8), noise(300_000, "rot"));
    rmSync(join(folder, "config.json"));
    const found = (await verifyCheckpoint(ID, {}, settings)).filter(({ state }) => state !== "ok");
    expect(found).toEqual([
      { commit, path: "config.json", state: "missing", size: null },
      { commit, path: INT8, state: "changed", size: 300_000 },
    ]);
    await pullCheckpoint(ID, { ...int8, repair: true }, settings);
    expect((await verifyCheckpoint(ID, {}, settings)).every(({ state }) => state === "ok")).toBe(true);
  });

  it("checks another program's cache by the names of its contents", async () => {
    const settings = await start();
    const repository = foreignCache(settings.cache, WHOLE);
    expect((await verifyCheckpoint(ID, {}, settings)).map(({ state }) => state)).toEqual(
      WHOLE.map(() => "ok"),
    );
    writeFileSync(join(repository, "blobs", sha256(files[INT8]!)), "rot");
    const [damaged] = (await verifyCheckpoint(ID, {}, settings)).filter(({ state }) => state !== "ok");
    expect(damaged).toMatchObject({ path: INT8, state: "changed" });
  });

  it("says that there is nothing", async () => {
    const settings = await start();
    await expect(verifyCheckpoint(ID, {}, settings)).rejects.toMatchObject({
      hint: expect.stringContaining("backbones pull org/tiny"),
    });
  });
});

describe("remove", () => {
  it("frees what was pulled, and leaves nothing behind", async () => {
    const settings = await start();
    const { files: pulled } = await pullCheckpoint(ID, int8, settings);
    const bytes = pulled.reduce((sum, { size }) => sum + size, 0);
    const result = await removeCheckpoint(ID, {}, settings);
    expect(result).toMatchObject({ freedBytes: bytes, kept: 0 });
    expect(result.removed.length).toBe(pulled.length);
    expect(existsSync(repositoryFolder(settings.cache, ID))).toBe(false);
    await expect(removeCheckpoint(ID, {}, settings)).rejects.toMatchObject({ code: "model" });
  });

  it("frees one precision alone, which can be pulled again", async () => {
    const settings = await start();
    await pullCheckpoint(ID, {}, settings);
    await pullCheckpoint(ID, { precision: "fp16" }, settings);
    const { removed, freedBytes } = await removeCheckpoint(ID, { precision: "fp16" }, settings);
    expect(removed.map(({ path }) => path)).toEqual(["onnx/model_fp16.onnx", "onnx/model_fp16.onnx_data"]);
    expect(freedBytes).toBe(570_000);
    expect(await hubCheckpoint(ID, {}, { ...settings, offline: true })).toMatchObject({
      license: "apache-2.0",
    });
    await expect(removeCheckpoint(ID, { precision: "int8" }, settings)).rejects.toMatchObject({
      hint: expect.stringContaining("There is: fp32"),
    });
    expect((await pullCheckpoint(ID, { precision: "fp16" }, settings)).downloadedBytes).toBe(570_000);
  });

  it("keeps what another program downloaded, and what another commit needs", async () => {
    const settings = await start();
    const repository = foreignCache(settings.cache, WHOLE);
    await pullCheckpoint(ID, int8, settings);
    await pullCheckpoint(ID, {}, settings);
    const { removed, kept } = await removeCheckpoint(ID, {}, settings);
    expect(removed.map(({ path }) => path)).toEqual(["onnx/model.onnx"]);
    expect(kept).toBe(WHOLE.length);
    const theirs = await hubCheckpoint(ID, { ...int8, revision: COMMIT }, { ...settings, offline: true });
    expect(readFileSync(join(theirs.folder, INT8)).equals(files[INT8]!)).toBe(true);
    expect(existsSync(join(repository, "headstart.lock.json"))).toBe(false);
  });

  it("clears away an unfinished download", async () => {
    const settings = await start({ attempts: 1 });
    hub.mischief = ({ server }, response) => {
      if (server !== "cdn") return false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(files[INT8]!.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 300));
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({ code: "model" });
    expect((await removeCheckpoint(ID, {}, settings)).freedBytes).toBeGreaterThan(10_000);
  });
});

describe("the list", () => {
  it("names what a backbone can be made of, whoever downloaded it", async () => {
    const settings = await start();
    await pullCheckpoint(ID, {}, settings);
    const { commit } = await pullCheckpoint(ID, int8, settings);
    mkdirSync(join(settings.cache, "models--org--torch-only", "snapshots", COMMIT), { recursive: true });
    mkdirSync(join(settings.cache, "datasets--org--data"));
    mkdirSync(join(settings.cache, "models--..--evil"));
    expect(await cachedCheckpoints(settings)).toEqual([
      {
        id: ID,
        commit,
        revisions: ["main"],
        folder: join(settings.cache, "models--org--tiny", "snapshots", commit),
        precisions: ["fp32", "int8"],
        modality: "text",
        dim: 4,
        license: "apache-2.0",
        bytes: files["onnx/model.onnx"]!.length + 300_000,
      },
    ]);
  });
});

const python = process.env.HEADSTART_PYTHON ?? "python3";
const noPython = spawnSync(python, ["-c", "import huggingface_hub"]).status !== 0;
describe.skipIf(noPython)(
  "beside Python (skipped: no huggingface_hub; HEADSTART_PYTHON names an interpreter)",
  () => {
    /** The server runs in this process, so that it must not be blocked. */
    const ask = async (settings: HubSettings, ...args: string[]): Promise<Record<string, unknown>> => {
      const env = {
        ...process.env,
        HF_ENDPOINT: hub.endpoint,
        HF_HUB_CACHE: settings.cache,
        HF_HOME: join(settings.cache, "home"),
        HF_HUB_DISABLE_XET: "1",
        HF_HUB_DISABLE_TELEMETRY: "1",
      };
      const child = spawn(python, [join(import.meta.dirname, "hub-cache.py"), ...args], { env });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (text) => {
        stdout += text;
      });
      child.stderr.on("data", (text) => {
        stderr += text;
      });
      const code = await new Promise((done) => child.once("close", done));
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    };

    it("what we pulled is found by huggingface_hub, which sees nothing wrong", async () => {
      const settings = await start();
      const { folder, files: pulled } = await pullCheckpoint(ID, int8, settings);
      expect(await ask(settings, "find", ID, INT8)).toEqual({ path: join(folder, INT8) });
      expect(await ask(settings, "scan")).toEqual({
        repos: [
          {
            id: ID,
            bytes: pulled.reduce((sum, { size }) => sum + size, 0),
            refs: ["main"],
            files: pulled.map(({ path }) => path).sort(),
          },
        ],
        warnings: [],
      });
    });

    it("what huggingface_hub downloaded is not downloaded again", async () => {
      const settings = await start();
      const { folder } = await ask(settings, "download", ID, "*.json", INT8);
      hub.seen.length = 0;
      const result = await pullCheckpoint(ID, int8, settings);
      expect(result).toMatchObject({ folder, downloadedBytes: 0 });
      expect(hub.downloads()).toEqual([]);
      expect((await verifyCheckpoint(ID, {}, settings)).every(({ state }) => state === "ok")).toBe(true);
    });
  },
);
