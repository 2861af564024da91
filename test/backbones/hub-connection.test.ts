import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../../src/backbones/hub/hub-cache.js";
import type { HubSettings } from "../../src/backbones/hub/hub-settings.js";
import { pullCheckpoint } from "../../src/backbones/hub/pull-checkpoint.js";
import { noise } from "./hub-files.js";
import { hubFixture, ID, INT8, int8, reason } from "./hub-fixture.js";
import { type HubServer, sha256 } from "./hub-server.js";

const fixture = hubFixture();

describe("a bad connection", () => {
  /** Sends so many bytes of the large file, then cuts the connection: at each of the first `times` requests. */
  const cutAfter = (settings: HubSettings, bytes: number, times: number): void => {
    let left = times;
    fixture.hub.mischief = ({ server, url, headers }, response) => {
      if (server !== "cdn" || !url.includes(INT8) || left-- <= 0) return false;
      const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
      const body = fixture.files[INT8]!;
      response.writeHead(from > 0 ? 206 : 200, {
        etag: `"s3-${sha256(body).slice(0, 16)}"`,
        "content-length": body.length - from,
        ...(from > 0 && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
      });
      response.write(body.subarray(from, from + bytes));
      void fixture.arrived(settings, from + bytes).then(() => response.destroy());
      return true;
    };
  };

  it("that is cut goes on where it stopped, many times where each brings something", async () => {
    const settings = await fixture.start({}, { attempts: 2 });
    cutAfter(settings, 50_000, 5);
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
    const ranges = fixture.asked(INT8).map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, ...[1, 2, 3, 4, 5].map((n) => `bytes=${50_000 * n}-`)]);
    expect(fixture.asked(INT8).at(-1)?.headers["if-range"]).toBe(
      `"s3-${sha256(fixture.files[INT8]!).slice(0, 16)}"`,
    );
  });

  it("that ends for good keeps what came, and the next run goes on from there", async () => {
    const settings = await fixture.start({}, { attempts: 2 });
    cutAfter(settings, 100_000, 1);
    fixture.hub.mischief = after(fixture.hub.mischief!, 1, (response) => response.destroy());
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("unreachable"),
      hint: expect.any(String),
    });
    const blobs = join(repositoryFolder(settings.cache, ID), "blobs");
    expect(existsSync(join(blobs, sha256(fixture.files[INT8]!)))).toBe(false);
    fixture.hub.mischief = null;
    fixture.hub.seen.length = 0;
    await pullCheckpoint(ID, int8, settings);
    expect(fixture.asked(INT8).map(({ headers }) => headers.range)).toEqual(["bytes=100000-"]);
    expect(readdirSync(blobs).filter((name) => name.includes("part"))).toEqual([]);
  });

  it("to a server that ignores ranges begins anew, and ends right", async () => {
    const settings = await fixture.start({ ignoresRange: true });
    cutAfter(settings, 100_000, 1);
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
  });

  it("with a wrong beginning on the disk fetches all once more", async () => {
    const settings = await fixture.start();
    const blobs = join(repositoryFolder(settings.cache, ID), "blobs");
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(blobs, `${sha256(fixture.files[INT8]!)}.headstart-part`), noise(1000, "wrong"));
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
    expect(fixture.asked(INT8).map(({ headers }) => headers.range)).toEqual(["bytes=1000-", undefined]);
  });

  it("that stalls is given up and tried again", async () => {
    const settings = await fixture.start({}, { timeoutMs: 1500 });
    let first = true;
    fixture.hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8) || !first) return false;
      first = false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(fixture.files[INT8]!.subarray(0, 10_000));
      return true;
    };
    await pullCheckpoint(ID, int8, settings);
    expect(fixture.asked(INT8).map(({ headers }) => headers.range)).toEqual([undefined, "bytes=10000-"]);
  });

  it("that is slow, but moves, is waited for", async () => {
    const settings = await fixture.start({}, { timeoutMs: 1500 });
    fixture.hub.mischief = async ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(200, { "content-length": 300_000 });
      for (let from = 0; from < 300_000; from += 60_000) {
        response.write(fixture.files[INT8]!.subarray(from, from + 60_000));
        await new Promise((done) => setTimeout(done, 400));
      }
      response.end();
      return true;
    };
    await pullCheckpoint(ID, int8, settings);
    expect(fixture.asked(INT8).length).toBe(1);
  });

  it("to a server in trouble is tried again; 429 waits as long as it is told", async () => {
    const settings = await fixture.start();
    const answers: [number, Record<string, string>][] = [
      [503, {}],
      [429, { "retry-after": "1" }],
      [500, {}],
    ];
    fixture.hub.mischief = ({ url }, response) => {
      const next = url.startsWith("/api/") ? answers.shift() : undefined;
      if (next === undefined) return false;
      response.writeHead(next[0], next[1]).end();
      return true;
    };
    const begun = performance.now();
    await pullCheckpoint(ID, int8, settings);
    expect(performance.now() - begun).toBeGreaterThan(950);
    expect(fixture.hub.seen.filter(({ url }) => url.startsWith("/api/")).length).toBe(4);
  });

  it.each([
    ["trouble that stays", 502, {}, "server"],
    ["a limit that lasts", 429, { "retry-after": "3600" }, "rate-limit"],
  ] as const)("ends with an error for %s", async (_what, status, headers, why) => {
    const settings = await fixture.start({}, { attempts: 2 });
    fixture.hub.mischief = (_request, response) => {
      response.writeHead(status, headers).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason(why));
  });

  it("to nobody says so, and what works without a network", async () => {
    const settings = await fixture.start();
    await fixture.hub.close();
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("unreachable"),
      hint: expect.stringMatching(/HTTPS_PROXY.*HF_HUB_OFFLINE=1.*models\/org\/tiny/s),
    });
  });

  it("is let go when the run is interrupted, and what came is kept", async () => {
    const settings = await fixture.start();
    const stop = new AbortController();
    fixture.hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(fixture.files[INT8]!.subarray(0, 20_000));
      void fixture.arrived(settings, 20_000).then(() => stop.abort());
      return true;
    };
    await expect(pullCheckpoint(ID, { ...int8, signal: stop.signal }, settings)).rejects.toMatchObject({
      code: "interrupted",
      hint: expect.stringContaining("kept"),
    });
    fixture.hub.mischief = null;
    fixture.hub.seen.length = 0;
    await pullCheckpoint(ID, int8, settings);
    expect(fixture.asked(INT8)[0]?.headers.range).toBe("bytes=20000-");
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
