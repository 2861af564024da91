import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { repositoryFolder } from "../../src/backbones/hub/hub-cache.js";
import { hubCheckpoint } from "../../src/backbones/hub/hub-checkpoint.js";
import type { HubSettings } from "../../src/backbones/hub/hub-settings.js";
import { readLockRecord } from "../../src/backbones/hub/lock-record.js";
import { pullCheckpoint } from "../../src/backbones/hub/pull-checkpoint.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import { noise, testSettings, tinyRepository } from "./hub-files.js";
import { type HubServer, type HubServerOptions, refuse, type Seen, sha256, startHub } from "./hub-server.js";

const ID = "org/tiny";
let files: Record<string, Uint8Array>;
beforeAll(() => {
  files = tinyRepository();
});

let hub: HubServer;
afterEach(() => hub.close());

async function start(options: HubServerOptions = {}, more: Partial<HubSettings> = {}): Promise<HubSettings> {
  hub = await startHub(files, options);
  return testSettings(hub.endpoint, more);
}

const reason = (why: string) => ({ code: "model", facts: expect.objectContaining({ reason: why }) });
/** Requests for one file, by the host that answered. */
const asked = (path: string, server: Seen["server"] = "cdn") =>
  hub.seen.filter((one) => one.server === server && one.url.includes(path));
/** Resolves once so many bytes of the large file lie in the cache. */
async function arrived(settings: HubSettings, bytes: number): Promise<void> {
  const part = join(repositoryFolder(settings.cache, ID), "blobs", `${sha256(files[INT8]!)}.headstart-part`);
  while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < bytes) {
    await new Promise((done) => setTimeout(done, 5));
  }
}

const int8 = { precision: "int8" } as const;
const INT8 = "onnx/model_quantized.onnx";

describe("a pull", () => {
  it("brings only what the precision needs, checked, and records it", async () => {
    const settings = await start();
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
      expect(Buffer.compare(readFileSync(join(result.folder, path)), files[path]!)).toBe(0);
    }
    const record = await readLockRecord(repositoryFolder(settings.cache, ID));
    expect(record).toMatchObject({ format: 1, id: ID, revisions: { main: result.commit } });
    const locked = record?.commits[result.commit];
    expect(locked).toMatchObject({
      license: "apache-2.0",
      source: `${hub.endpoint}/${ID}/tree/${result.commit}`,
    });
    expect(locked?.files["onnx/model.onnx"]).toEqual({
      size: files["onnx/model.onnx"]!.length,
      sha256: sha256(files["onnx/model.onnx"]!),
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
    const settings = await start();
    const { folder, commit } = await hubCheckpoint(ID, int8, settings);
    const graph = join(folder, INT8);
    if (process.platform !== "win32") {
      expect(lstatSync(graph).isSymbolicLink()).toBe(true);
      expect(readlinkSync(graph)).toBe(`../../../blobs/${sha256(files[INT8]!)}`);
    }
    expect(readFileSync(join(repositoryFolder(settings.cache, ID), "refs", "main"), "utf8")).toBe(commit);
    const before = hub.seen.length;
    expect((await hubCheckpoint(ID, int8, settings)).folder).toBe(folder);
    expect((await hubCheckpoint(ID, { ...int8, revision: commit }, settings)).folder).toBe(folder);
    expect(hub.seen.length).toBe(before);
    expect(await hubCheckpoint(ID, int8, { ...settings, offline: true })).toMatchObject({
      commit,
      license: "apache-2.0",
    });
  });

  it("adds a second precision to the first, weights in another file included", async () => {
    const settings = await start();
    await pullCheckpoint(ID, {}, settings);
    const { files: listed } = await pullCheckpoint(ID, { precision: "fp16" }, settings);
    expect(listed.filter(({ downloaded }) => downloaded).map(({ path }) => path)).toEqual([
      "onnx/model_fp16.onnx",
      "onnx/model_fp16.onnx_data",
    ]);
  });

  it("lists the precisions that there are", async () => {
    files = { ...files };
    const settings = await start();
    hub.commit({ "config.json": files["config.json"]!, "onnx/model_int8.onnx": noise(10, "x") });
    await expect(pullCheckpoint(ID, {}, settings)).rejects.toMatchObject({
      code: "model",
      message: "org/tiny has no fp32 graph",
      hint: expect.stringContaining("It has int8 (onnx/model_int8.onnx)"),
    });
    expect(hub.downloads()).toEqual([]);
  });

  it("says how to export a repository without ONNX", async () => {
    const settings = await start();
    hub.commit({ "config.json": files["config.json"]!, "model.safetensors": noise(10, "x") });
    await expect(pullCheckpoint(ID, {}, settings)).rejects.toMatchObject({
      message: "org/tiny has no ONNX export",
      hint: expect.stringMatching(
        /optimum-cli export onnx --model org\/tiny .*onnx-community\/tiny or Xenova\/tiny/,
      ),
    });
  });

  it("asks for size and digest file by file where the list does not tell them", async () => {
    const settings = await start({ tellsDigests: false });
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(Buffer.compare(readFileSync(join(folder, INT8)), files[INT8]!)).toBe(0);
    expect(hub.seen.filter(({ method }) => method === "HEAD").length).toBeGreaterThan(3);
  });

  it.each([
    true,
    false,
  ])("follows a repository that was renamed (digests in the list: %s)", async (tellsDigests) => {
    const settings = await start({ tellsDigests });
    hub.mischief = ({ url }, response) => {
      if (!url.includes("/old/name")) return false;
      response.writeHead(307, { location: url.replace("/old/name", `/${ID}`).replace("old/name", ID) }).end();
      return true;
    };
    const { folder } = await pullCheckpoint("old/name", int8, settings);
    expect(folder).toContain("models--old--name");
    expect(Buffer.compare(readFileSync(join(folder, "config.json")), files["config.json"]!)).toBe(0);
  });

  it("sends the token to the Hub alone, never where it redirects to", async () => {
    const settings = await start({ token: "hf_secret" }, { token: "hf_secret" });
    await pullCheckpoint(ID, int8, settings);
    const [hubs, cdns] = [hub.seen.filter((one) => one.server === "hub"), asked("/blob/")];
    expect(hubs.every(({ headers }) => headers.authorization === "Bearer hf_secret")).toBe(true);
    expect(cdns.length).toBeGreaterThan(0);
    expect(cdns.some(({ headers }) => "authorization" in headers)).toBe(false);
  });
});

describe("the lock", () => {
  it("keeps a branch to the commit that was pulled, until an update is asked for", async () => {
    const settings = await start();
    const first = await pullCheckpoint(ID, int8, settings);
    const second = hub.commit({
      ...files,
      "onnx/model.onnx": noise(9000, "new"),
      [INT8]: noise(300_000, "new"),
    });
    const other = await pullCheckpoint(ID, {}, settings);
    expect(other).toMatchObject({ commit: first.commit, newerCommit: second });
    expect(readFileSync(join(other.folder, "onnx/model.onnx")).equals(files["onnx/model.onnx"]!)).toBe(true);
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
    const settings = await start();
    const { folder } = await pullCheckpoint(ID, int8, settings);
    hub.replace(INT8, noise(300_000, "other"));
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("changed"));
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
  });

  it("says so when it is damaged", async () => {
    const settings = await start();
    await pullCheckpoint(ID, int8, settings);
    const path = join(repositoryFolder(settings.cache, ID), "headstart.lock.json");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(path, '{"format": 1, "id"');
    await expect(hubCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      message: expect.stringContaining("headstart.lock.json is damaged"),
    });
  });

  it("repairs what has been damaged on the disk", async () => {
    const settings = await start();
    const { folder } = await pullCheckpoint(ID, int8, settings);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(folder, INT8), noise(300_000, "rot"));
    expect((await pullCheckpoint(ID, int8, settings)).downloadedBytes).toBe(0);
    expect((await pullCheckpoint(ID, { ...int8, repair: true }, settings)).downloadedBytes).toBe(300_000);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
  });
});

describe("a bad connection", () => {
  /** Sends so many bytes of the large file, then cuts the connection: at each of the first `times` requests. */
  const cutAfter = (settings: HubSettings, bytes: number, times: number): void => {
    let left = times;
    hub.mischief = ({ server, url, headers }, response) => {
      if (server !== "cdn" || !url.includes(INT8) || left-- <= 0) return false;
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
      const body = files[INT8]!;
      response.writeHead(from > 0 ? 206 : 200, {
        etag: `"s3-${sha256(body).slice(0, 16)}"`,
        "content-length": body.length - from,
        ...(from > 0 && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
      });
      response.write(body.subarray(from, from + bytes));
      void arrived(settings, from + bytes).then(() => response.destroy());
      return true;
    };
  };

  it("that is cut goes on where it stopped, many times where each brings something", async () => {
    const settings = await start({}, { attempts: 2 });
    cutAfter(settings, 50_000, 5);
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
    const ranges = asked(INT8).map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, ...[1, 2, 3, 4, 5].map((n) => `bytes=${50_000 * n}-`)]);
    expect(asked(INT8).at(-1)?.headers["if-range"]).toBe(`"s3-${sha256(files[INT8]!).slice(0, 16)}"`);
  });

  it("that ends for good keeps what came, and the next run goes on from there", async () => {
    const settings = await start({}, { attempts: 2 });
    cutAfter(settings, 100_000, 1);
    hub.mischief = after(hub.mischief!, 1, (response) => response.destroy());
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("unreachable"),
      hint: expect.any(String),
    });
    const blobs = join(repositoryFolder(settings.cache, ID), "blobs");
    expect(existsSync(join(blobs, sha256(files[INT8]!)))).toBe(false);
    hub.mischief = null;
    hub.seen.length = 0;
    await pullCheckpoint(ID, int8, settings);
    expect(asked(INT8).map(({ headers }) => headers.range)).toEqual(["bytes=100000-"]);
    expect(readdirSync(blobs).filter((name) => name.includes("part"))).toEqual([]);
  });

  it("to a server that ignores ranges begins anew, and ends right", async () => {
    const settings = await start({ ignoresRange: true });
    cutAfter(settings, 100_000, 1);
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
  });

  it("with a wrong beginning on the disk fetches all once more", async () => {
    const settings = await start();
    const blobs = join(repositoryFolder(settings.cache, ID), "blobs");
    const { mkdirSync, writeFileSync } = await import("node:fs");
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(blobs, `${sha256(files[INT8]!)}.headstart-part`), noise(1000, "wrong"));
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
    expect(asked(INT8).map(({ headers }) => headers.range)).toEqual(["bytes=1000-", undefined]);
  });

  it("that stalls is given up and tried again", async () => {
    const settings = await start({}, { timeoutMs: 1500 });
    let first = true;
    hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8) || !first) return false;
      first = false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(files[INT8]!.subarray(0, 10_000));
      return true;
    };
    await pullCheckpoint(ID, int8, settings);
    expect(asked(INT8).map(({ headers }) => headers.range)).toEqual([undefined, "bytes=10000-"]);
  });

  it("that is slow, but moves, is waited for", async () => {
    const settings = await start({}, { timeoutMs: 1500 });
    hub.mischief = async ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(200, { "content-length": 300_000 });
      for (let from = 0; from < 300_000; from += 60_000) {
        response.write(files[INT8]!.subarray(from, from + 60_000));
        await new Promise((done) => setTimeout(done, 400));
      }
      response.end();
      return true;
    };
    await pullCheckpoint(ID, int8, settings);
    expect(asked(INT8).length).toBe(1);
  });

  it("to a server in trouble is tried again; 429 waits as long as it is told", async () => {
    const settings = await start();
    const answers: [number, Record<string, string>][] = [
      [503, {}],
      [429, { "retry-after": "1" }],
      [500, {}],
    ];
    hub.mischief = ({ url }, response) => {
      const next = url.startsWith("/api/") ? answers.shift() : undefined;
      if (next === undefined) return false;
      response.writeHead(next[0], next[1]).end();
      return true;
    };
    const begun = performance.now();
    await pullCheckpoint(ID, int8, settings);
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect(hub.seen.filter(({ url }) => url.startsWith("/api/")).length).toBe(4);
  });

  it.each([
    ["trouble that stays", 502, {}, "server"],
    ["a limit that lasts", 429, { "retry-after": "3600" }, "rate-limit"],
  ] as const)("ends with an error for %s", async (_what, status, headers, why) => {
    const settings = await start({}, { attempts: 2 });
    hub.mischief = (_request, response) => {
      response.writeHead(status, headers).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason(why));
  });

  it("to nobody says so, and what works without a network", async () => {
    const settings = await start();
    await hub.close();
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("unreachable"),
      hint: expect.stringMatching(/HTTPS_PROXY.*HF_HUB_OFFLINE=1.*models\/org\/tiny/s),
    });
  });

  it("is let go when the run is interrupted, and what came is kept", async () => {
    const settings = await start();
    const stop = new AbortController();
    hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(files[INT8]!.subarray(0, 20_000));
      void arrived(settings, 20_000).then(() => stop.abort());
      return true;
    };
    await expect(pullCheckpoint(ID, { ...int8, signal: stop.signal }, settings)).rejects.toMatchObject({
      code: "interrupted",
      hint: expect.stringContaining("kept"),
    });
    hub.mischief = null;
    hub.seen.length = 0;
    await pullCheckpoint(ID, int8, settings);
    expect(asked(INT8)[0]?.headers.range).toBe("bytes=20000-");
  });
});

describe("a refusal", () => {
  it.each([
    ["a repository that is not there", {}, null, "org/other", "main", "not-found", /HF_TOKEN/],
    ["a repository that is not there, with a token", {}, "t", "org/other", "main", "not-found", /private/],
    ["a private one without a token", { token: "t" }, null, ID, "main", "not-found", /HF_TOKEN/],
    ["a token that is wrong", { token: "t" }, "wrong", ID, "main", "unauthorised", /expired/],
    ["a gated one without a token", { gatedToken: "t" }, null, ID, "main", "gated", /terms.*HF_TOKEN/],
    [
      "a gated one, terms not accepted",
      { gatedToken: "t" },
      "wrong",
      ID,
      "main",
      "gated",
      /Accept the terms/,
    ],
    ["a revision that is not there", {}, null, ID, "v9", "unknown-revision", /branches and tags/],
  ] as const)("tells of %s", async (_what, options, token, id, revision, why, hint) => {
    const settings = await start(options, { token });
    const pull = pullCheckpoint(id, { ...int8, revision }, settings);
    await expect(pull).rejects.toMatchObject({ ...reason(why), hint: expect.stringMatching(hint) });
  });

  it("tells that the network must not be used", async () => {
    const settings = await start({}, { offline: true });
    await expect(hubCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("offline"),
      hint: expect.stringContaining("backbones pull org/tiny"),
    });
    expect(hub.seen).toEqual([]);
  });

  it("takes no revision that is a path", async () => {
    const settings = await start();
    for (const revision of ["../../x", "/etc/passwd", "a\\b", ""]) {
      await expect(hubCheckpoint(ID, { revision }, settings)).rejects.toMatchObject({ code: "usage" });
    }
    expect(hub.seen).toEqual([]);
  });
});

describe("a server that lies", () => {
  const answerWith = (status: number, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(status, headers).end(body);
      return true;
    };
  };

  it.each([
    ["gives other bytes", () => answerWith(200, noise(300_000, "evil"))],
    ["gives more than it announced", () => answerWith(200, noise(400_000, "evil"))],
    ["gives less, and calls it all", () => answerWith(200, noise(10, "evil"), { "content-length": "10" })],
  ])("%s: nothing is left that looks whole", async (_what, lie) => {
    const settings = await start({}, { attempts: 2 });
    lie();
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({ code: "model" });
    const repository = repositoryFolder(settings.cache, ID);
    expect(existsSync(join(repository, "blobs", sha256(files[INT8]!)))).toBe(false);
    await expect(hubCheckpoint(ID, int8, { ...settings, offline: true })).rejects.toMatchObject({
      code: "model",
    });
    hub.mischief = null;
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(files[INT8]!)).toBe(true);
  });

  it.each([
    ["no JSON", "<html>Sign in to the Wi-Fi</html>"],
    ["another shape", JSON.stringify({ sha: "x", siblings: "none" })],
    ["a commit that is a path", JSON.stringify({ sha: "../../../../tmp/x", siblings: [] })],
  ])("answers with %s", async (_what, body) => {
    const settings = await start();
    hub.mischief = ({ url }, response) => {
      if (!url.startsWith("/api/")) return false;
      response.end(body);
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("nonsense"),
      hint: expect.stringContaining("HF_ENDPOINT"),
    });
  });

  it("lists names that leave the folder: they are never asked for", async () => {
    const settings = await start();
    const evil = [
      "../../../evil.json",
      "/etc/evil.json",
      "1_Pooling\\..\\..\\evil.json",
      "1_x/../../config.json",
    ];
    hub.commit({ ...files, ...Object.fromEntries(evil.map((path) => [path, noise(10, path)])) });
    const result = await pullCheckpoint(ID, int8, settings);
    expect(result.files.map(({ path }) => path).filter((path) => evil.includes(path))).toEqual([]);
    expect(hub.downloads().filter((url) => url.includes("evil"))).toEqual([]);
  });

  it("redirects in circles", async () => {
    const settings = await start();
    hub.mischief = ({ url }, response) => {
      response.writeHead(302, { location: url }).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("nonsense"));
  });

  it("redirects to a file of this machine", async () => {
    const settings = await start();
    hub.mischief = (_request, response) => {
      response.writeHead(302, { location: "file:///etc/passwd" }).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("nonsense"));
  });

  it("says 403 without a word", async () => {
    const settings = await start();
    hub.mischief = (_request, response) => {
      refuse(response, 403, null);
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({ code: "model" });
  });
});

/** A mischief for the first requests for the large file, then another. */
function after(
  first: NonNullable<HubServer["mischief"]>,
  times: number,
  then: (response: Parameters<NonNullable<HubServer["mischief"]>>[1]) => void,
): NonNullable<HubServer["mischief"]> {
  let count = 0;
  return (request, response) => {
    if (request.server !== "cdn" || !request.url.includes(INT8)) return false;
    if (count++ < times) return first(request, response);
    then(response);
    return true;
  };
}
