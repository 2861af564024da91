import { lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../../src/backbones/hub/hub-cache.js";
import { hubCheckpoint } from "../../src/backbones/hub/hub-checkpoint.js";
import { readLockRecord } from "../../src/backbones/hub/lock-record.js";
import { pullCheckpoint } from "../../src/backbones/hub/pull-checkpoint.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import { noise } from "./hub-files.js";
import { hubFixture, ID, INT8, int8, reason } from "./hub-fixture.js";
import { sha256 } from "./hub-server.js";

const fixture = hubFixture();

describe("a pull", () => {
  it("brings only what the precision needs, checked, and records it", async () => {
    const settings = await fixture.start();
    const events: ProgressEvent[] = [];
    const result = await pullCheckpoint(ID, { onProgress: (event) => events.push(event) }, settings);
    expect(result.files.map(({ path }) => path).sort()).toEqual([
      "config.json",
      "onnx/model.onnx",
      "special_tokens_map.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    for (const { path } of result.files) {
      expect(Buffer.compare(readFileSync(join(result.folder, path)), fixture.files[path]!)).toBe(0);
    }
    const record = await readLockRecord(repositoryFolder(settings.cache, ID));
    expect(record).toMatchObject({ format: 1, id: ID, revisions: { main: result.commit } });
    const locked = record?.commits[result.commit];
    expect(locked).toMatchObject({
      license: "apache-2.0",
      source: `${fixture.hub.endpoint}/${ID}/tree/${result.commit}`,
    });
    expect(locked?.files["onnx/model.onnx"]).toEqual({
      size: fixture.files["onnx/model.onnx"]!.length,
      sha256: sha256(fixture.files["onnx/model.onnx"]!),
      blob: expect.any(String),
      found: false,
    });
    expect(events.at(-1)).toEqual({
      stage: "download",
      done: result.downloadedBytes,
      total: result.downloadedBytes,
      unit: "bytes",
    });
  });

  it("lays files out as huggingface_hub does, and asks for no second time", async () => {
    const settings = await fixture.start();
    const { folder, commit } = await hubCheckpoint(ID, int8, settings);
    const graph = join(folder, INT8);
    if (process.platform !== "win32") {
      expect(lstatSync(graph).isSymbolicLink()).toBe(true);
      expect(readlinkSync(graph)).toBe(`../../../blobs/${sha256(fixture.files[INT8]!)}`);
    }
    expect(readFileSync(join(repositoryFolder(settings.cache, ID), "refs", "main"), "utf8")).toBe(commit);
    const before = fixture.hub.seen.length;
    expect((await hubCheckpoint(ID, int8, settings)).folder).toBe(folder);
    expect((await hubCheckpoint(ID, { ...int8, revision: commit }, settings)).folder).toBe(folder);
    expect(fixture.hub.seen.length).toBe(before);
    expect(await hubCheckpoint(ID, int8, { ...settings, offline: true })).toMatchObject({
      commit,
      license: "apache-2.0",
    });
  });

  it("adds a second precision to the first, weights in another file included", async () => {
    const settings = await fixture.start();
    await pullCheckpoint(ID, {}, settings);
    const { files: listed } = await pullCheckpoint(ID, { precision: "fp16" }, settings);
    expect(listed.filter(({ downloaded }) => downloaded).map(({ path }) => path)).toEqual([
      "onnx/model_fp16.onnx",
      "onnx/model_fp16.onnx_data",
    ]);
  });

  it("lists the precisions that there are", async () => {
    const settings = await fixture.start();
    fixture.hub.commit({
      "config.json": fixture.files["config.json"]!,
      "onnx/model_int8.onnx": noise(10, "x"),
    });
    await expect(pullCheckpoint(ID, {}, settings)).rejects.toMatchObject({
      code: "model",
      message: "org/tiny has no fp32 graph",
      hint: expect.stringContaining("It has int8 (onnx/model_int8.onnx)"),
    });
    expect(fixture.hub.downloads()).toEqual([]);
  });

  it("says how to export a repository without ONNX", async () => {
    const settings = await fixture.start();
    fixture.hub.commit({ "config.json": fixture.files["config.json"]!, "model.safetensors": noise(10, "x") });
    await expect(pullCheckpoint(ID, {}, settings)).rejects.toMatchObject({
      message: "org/tiny has no ONNX export",
      hint: expect.stringMatching(
        /optimum-cli export onnx --model org\/tiny .*onnx-community\/tiny or Xenova\/tiny/,
      ),
    });
  });

  it("asks for size and digest file by file where the list does not tell them", async () => {
    const settings = await fixture.start({ tellsDigests: false });
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(Buffer.compare(readFileSync(join(folder, INT8)), fixture.files[INT8]!)).toBe(0);
    expect(fixture.hub.seen.filter(({ method }) => method === "HEAD").length).toBeGreaterThan(3);
  });

  it.each([
    true,
    false,
  ])("follows a repository that was renamed (digests in the list: %s)", async (tellsDigests) => {
    const settings = await fixture.start({ tellsDigests });
    fixture.hub.mischief = ({ url }, response) => {
      if (!url.includes("/old/name")) return false;
      response.writeHead(307, { location: url.replace("/old/name", `/${ID}`).replace("old/name", ID) }).end();
      return true;
    };
    const { folder } = await pullCheckpoint("old/name", int8, settings);
    expect(folder).toContain("models--old--name");
    expect(Buffer.compare(readFileSync(join(folder, "config.json")), fixture.files["config.json"]!)).toBe(0);
  });

  it("sends the token to the Hub alone, never where it redirects to", async () => {
    const settings = await fixture.start({ token: "hf_secret" }, { token: "hf_secret" });
    await pullCheckpoint(ID, int8, settings);
    const [hubs, cdns] = [fixture.hub.seen.filter((one) => one.server === "hub"), fixture.asked("/blob/")];
    expect(hubs.every(({ headers }) => headers.authorization === "Bearer hf_secret")).toBe(true);
    expect(cdns.length).toBeGreaterThan(0);
    expect(cdns.some(({ headers }) => "authorization" in headers)).toBe(false);
  });
});

describe("the lock", () => {
  it("keeps a branch to the commit that was pulled, until an update is asked for", async () => {
    const settings = await fixture.start();
    const first = await pullCheckpoint(ID, int8, settings);
    const second = fixture.hub.commit({
      ...fixture.files,
      "onnx/model.onnx": noise(9000, "new"),
      [INT8]: noise(300_000, "new"),
    });
    const other = await pullCheckpoint(ID, {}, settings);
    expect(other).toMatchObject({ commit: first.commit, newerCommit: second });
    expect(
      readFileSync(join(other.folder, "onnx/model.onnx")).equals(fixture.files["onnx/model.onnx"]!),
    ).toBe(true);
    const updated = await pullCheckpoint(ID, { ...int8, update: true }, settings);
    expect(updated).toMatchObject({ commit: second, newerCommit: null });
    // What did not change is not downloaded again.
    expect(updated.files.filter(({ downloaded }) => downloaded).map(({ path }) => path)).toEqual([INT8]);
    expect((await hubCheckpoint(ID, int8, settings)).commit).toBe(second);
    expect((await hubCheckpoint(ID, { ...int8, revision: first.commit }, settings)).commit).toBe(
      first.commit,
    );
  });

  it("refuses a file that has changed under the same commit", async () => {
    const settings = await fixture.start();
    const { folder } = await pullCheckpoint(ID, int8, settings);
    fixture.hub.replace(INT8, noise(300_000, "other"));
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("changed"));
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
  });

  it("says so when it is damaged", async () => {
    const settings = await fixture.start();
    await pullCheckpoint(ID, int8, settings);
    const path = join(repositoryFolder(settings.cache, ID), "headstart.lock.json");
    writeFileSync(path, '{"format": 1, "id"');
    await expect(hubCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      message: expect.stringContaining("headstart.lock.json is damaged"),
    });
  });

  it("repairs what has been damaged on the disk", async () => {
    const settings = await fixture.start();
    const { folder } = await pullCheckpoint(ID, int8, settings);
    writeFileSync(join(folder, INT8), noise(300_000, "rot"));
    expect((await pullCheckpoint(ID, int8, settings)).downloadedBytes).toBe(0);
    expect((await pullCheckpoint(ID, { ...int8, repair: true }, settings)).downloadedBytes).toBe(300_000);
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
  });
});
