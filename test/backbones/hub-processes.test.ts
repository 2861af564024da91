import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLI, type CliRun } from "../cli/run-cli.js";
import { tinyRepository } from "./hub-files.js";
import { addressOf, type HubServer, listening, sha256, startHub } from "./hub-server.js";

const ID = "org/tiny";
const INT8 = "onnx/model_quantized.onnx";
const PULL = ["backbones", "pull", ID, "--precision", "int8", "--json"];

let files: Record<string, Uint8Array>;
beforeAll(() => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: run npm run build`);
  files = tinyRepository();
});

let hub: HubServer;
let cache: string;
beforeEach(async () => {
  hub = await startHub(files);
  cache = mkdtempSync(join(tmpdir(), "headstart-hub-"));
});
afterEach(() => hub.close());

const blobs = () => join(cache, "models--org--tiny", "blobs");
const asked = () => hub.seen.filter(({ server, url }) => server === "cdn" && url.includes(INT8));

/** A command in a process of its own, with the Hub of this test and nothing else of the environment's. */
function begin(command: readonly string[], env: Record<string, string> = {}) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command[0]!, command.slice(1), {
    env: { PATH, HOME, HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, HF_HOME: join(cache, "home"), ...env },
  });
  child.stdin.end();
  const ended = new Promise<CliRun>((done) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.once("close", (code) => done({ code, stdout, stderr }));
  });
  return { child, ended };
}

const pull = (env?: Record<string, string>) => begin([process.execPath, CLI, ...PULL], env).ended;
/** A script, then the same pull as its `"$@"`. */
const inShell = (script: string) =>
  begin(["bash", "-c", script, "bash", process.execPath, CLI, ...PULL]).ended;

/** Sends so many bytes of the large file at the first request, and no more. */
function stallAfter(bytes: number): Promise<void> {
  return new Promise((stalled) => {
    let first = true;
    hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8) || !first) return false;
      first = false;
      response.writeHead(200, { "content-length": 300_000 });
      response.write(files[INT8]!.subarray(0, bytes));
      const part = join(blobs(), `${sha256(files[INT8]!)}.headstart-part`);
      const watch = setInterval(() => {
        if ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < bytes) return;
        clearInterval(watch);
        stalled();
      }, 20);
      return true;
    };
  });
}

describe("processes", () => {
  it("that pull the same at once download it once", async () => {
    const runs = await Promise.all([pull(), pull(), pull()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const results = runs.map(
      ({ stdout }) => JSON.parse(stdout) as { folder: string; downloadedBytes: number },
    );
    expect(results.map(({ downloadedBytes }) => downloadedBytes > 0).sort()).toEqual([false, false, true]);
    expect(asked().length).toBe(1);
    expect(readFileSync(join(results[0]!.folder, INT8)).equals(files[INT8]!)).toBe(true);
    expect(readdirSync(join(cache, "models--org--tiny")).sort()).toEqual([
      "blobs",
      "headstart.lock.json",
      "refs",
      "snapshots",
    ]);
  });

  it("that are killed leave nothing that looks whole; the next goes on at once", async () => {
    const stalled = stallAfter(100_000);
    const { child, ended } = begin([process.execPath, CLI, ...PULL]);
    await stalled;
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(cache, "models--org--tiny", "headstart.pull.lock"))).toBe(true);
    expect(existsSync(join(blobs(), sha256(files[INT8]!)))).toBe(false);
    expect((await pull({ HF_HUB_OFFLINE: "1" })).code).toBe(1);
    const begun = performance.now();
    const { code } = await pull();
    expect(code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(asked().map(({ headers }) => headers.range)).toEqual([undefined, "bytes=100000-"]);
  });

  it("that are interrupted say that what came is kept", async () => {
    const stalled = stallAfter(100_000);
    const { child, ended } = begin([process.execPath, CLI, ...PULL]);
    await stalled;
    child.kill("SIGINT");
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "interrupted", hint: expect.stringContaining("kept") },
    });
    expect((await pull()).code).toBe(0);
    expect(asked().at(-1)?.headers.range).toBe("bytes=100000-");
  });
});

const failure = ({ stdout }: CliRun) =>
  (JSON.parse(stdout) as { error: { code: string; message: string; hint: string } }).error;

describe.skipIf(process.platform === "win32")("a disk that is full", () => {
  it("in the middle of a file keeps what came, and says so", async () => {
    // The system's limit on the size of a file stands in for the end of the disk; units of 1,024 bytes.
    const run = await inShell('ulimit -f 100; exec "$@"');
    expect(run.code).toBe(1);
    expect(failure(run)).toMatchObject({
      code: "io",
      message: expect.stringContaining("The disk is full"),
      hint: expect.stringMatching(/kept.*Free some space.*HF_HUB_CACHE/s),
    });
    expect(existsSync(join(blobs(), sha256(files[INT8]!)))).toBe(false);
    expect((await pull()).code).toBe(0);
    expect(Number(/^bytes=(\d+)-/.exec(asked().at(-1)?.headers.range ?? "")?.[1])).toBeGreaterThan(50_000);
  });

  const noMounts = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", tmpdir()]).status !== 0;
  const mounted = (options: string): string =>
    `mkdir -p "$HF_HUB_CACHE" && mount -t tmpfs -o ${options} none "$HF_HUB_CACHE" && exec "$@"`;
  const inNamespace = (script: string) =>
    begin(["unshare", "-rm", "bash", "-c", script, "bash", process.execPath, CLI, ...PULL]).ended;

  it.skipIf(noMounts)(
    "is found out before anything is downloaded (skipped: no user namespaces)",
    async () => {
      const error = failure(await inNamespace(mounted("size=64k")));
      expect(error).toMatchObject({
        code: "io",
        message: expect.stringMatching(/The disk is too full: 0\.3 MB are to come, 0\.1 MB are free/),
      });
      expect(hub.downloads()).toEqual([]);
    },
  );

  it.skipIf(noMounts)("or cannot be written names the remedy (skipped: no user namespaces)", async () => {
    const error = failure(await inNamespace(mounted("size=9m,ro")));
    expect(error).toMatchObject({ code: "io", hint: expect.stringContaining("Set HF_HUB_CACHE") });
    expect(hub.downloads()).toEqual([]);
  });

  it.skipIf(noMounts)("or cannot be written serves what it holds (skipped: no user namespaces)", async () => {
    expect((await pull()).code).toBe(0);
    const script =
      'mount --bind "$HF_HUB_CACHE" "$HF_HUB_CACHE" && mount -o remount,bind,ro "$HF_HUB_CACHE" && exec "$@"';
    const { code, stdout } = await inNamespace(script);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ downloadedBytes: 0 });
  });
});

describe("the environment", () => {
  let proxy: Server;
  const tunnels: string[] = [];
  beforeEach(async () => {
    tunnels.length = 0;
    proxy = createServer((request, response) => {
      tunnels.push(request.url ?? "");
      response.writeHead(501).end();
    });
    proxy.on("connect", (request, client, head) => {
      tunnels.push(request.url ?? "");
      const target = new URL(`http://${request.url}`);
      // The proxy alone knows where hub.example is.
      const port = target.hostname === "hub.example" ? new URL(hub.endpoint).port : target.port;
      const server = connect(Number(port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const side of [server, client]) side.on("error", () => side.destroy());
    });
    await listening(proxy);
  });
  afterEach(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  it("names a proxy: everything goes through it", async () => {
    const run = await pull({ HF_ENDPOINT: "http://hub.example", HTTP_PROXY: addressOf(proxy) });
    expect(run).toMatchObject({ code: 0 });
    expect(tunnels).toContain("hub.example:80");
    expect(tunnels).toContain(new URL(hub.cdn).host);
  });

  it("names hosts that need none", async () => {
    const env = { HF_ENDPOINT: "http://hub.example", http_proxy: addressOf(proxy), no_proxy: "127.0.0.1" };
    expect(await pull(env)).toMatchObject({ code: 0 });
    expect([...new Set(tunnels)]).toEqual(["hub.example:80"]);
  });

  it("names a proxy that is not there", async () => {
    const error = failure(await pull({ HTTP_PROXY: "http://127.0.0.1:9" }));
    expect(error).toMatchObject({ code: "model", hint: expect.stringContaining("HTTPS_PROXY") });
  });

  it("holds a token, in a variable or in the file of a login", async () => {
    const home = join(cache, "home");
    mkdirSync(home);
    writeFileSync(join(home, "token"), "hf_file\n");
    await pull();
    expect(hub.seen[0]?.headers.authorization).toBe("Bearer hf_file");
    hub.seen.length = 0;
    await pull({ HF_TOKEN: "hf_variable" });
    expect(hub.seen[0]?.headers.authorization).toBe("Bearer hf_variable");
    expect(hub.seen.some(({ server, headers }) => server === "cdn" && headers.authorization)).toBe(false);
  });

  it.each([
    ["HF_ENDPOINT", "ftp://x"],
    ["HF_HUB_DOWNLOAD_TIMEOUT", "soon"],
    ["HF_TOKEN", "two words"],
  ])("makes no sense: %s=%s is wrong usage", async (name, value) => {
    const run = await pull({ [name]: value });
    expect(run.code).toBe(2);
    expect(failure(run).message).toMatch(/HF_|token/);
  });
});
