import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRepository } from "../backbones/hub-files.js";
import { type HubServer, startHub } from "../backbones/hub-server.js";
import { layerFolders } from "../backbones/layers-fixtures.js";
import { checkpointOfFixture } from "../backbones/text-fixtures.js";
import { checkpointOf, textFiles, textGraph } from "../backbones/tiny-checkpoints.js";
import { type CliRun, runCli } from "./run-cli.js";

const ID = "org/tiny";

let hub: HubServer;
let folder: string;
beforeAll(async () => {
  hub = await startHub(tinyRepository());
  folder = mkdtempSync(join(tmpdir(), "headstart-cli-hub-"));
});
afterAll(() => hub.close());
const layers = layerFolders();
afterAll(layers.remove);

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  runCli(args, {
    cwd: folder,
    env: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(folder, "hub"), HF_HOME: folder, ...env },
  });
const json = async (...args: string[]): Promise<{ code: number | null; result: Record<string, unknown> }> => {
  const { code, stdout } = await run([...args, "--json"]);
  return { code, result: JSON.parse(stdout) as Record<string, unknown> };
};

describe("headstart backbones", () => {
  it("pulls, and tells what came", async () => {
    expect((await run(["backbones", "pull", ID])).stdout).toMatch(/downloaded {2}\d/);
    const { code, result } = await json("backbones", "pull", ID, "--precision", "int8");
    expect(code).toBe(0);
    expect(result).toMatchObject({
      id: ID,
      revision: "main",
      license: "apache-2.0",
      downloadedBytes: 300_000,
    });
    const text = await run(["backbones", "pull", ID]);
    expect(text.stdout).toMatch(/^org\/tiny\n {2}commit .*\(main\)\n {2}files .*\n {2}downloaded {2}nothing/);
    expect(text.stdout).toContain("next: headstart backbones check org/tiny");
  });

  it("lists what is embedded and what is cached", async () => {
    const { stdout } = await run(["backbones", "list"]);
    expect(stdout).toMatch(/^use-lite +text +512 +fp32 .* embedded$/m);
    expect(stdout).toMatch(/^org\/tiny +text +4 +fp32, int8 +.* apache-2.0 +main at [0-9a-f]{7}$/m);
  });

  it("shows one, with the size of its weights and where they are from", async () => {
    const { code, result } = await json("backbones", "show", ID);
    expect(code).toBe(0);
    expect(result).toMatchObject({ id: ID, modality: "text", dim: 4, license: "apache-2.0" });
    expect(result.source).toMatch(new RegExp(`^${hub.endpoint}/org/tiny/tree/[0-9a-f]{40}$`));
    expect(result.bytes).toBe(tinyRepository()["onnx/model.onnx"]!.length);
  });

  it("says in words how vectors come about", async () => {
    const folder = checkpointOfFixture("sentence-prompt", "bert");
    const prompted = await run(["backbones", "show", folder]);
    expect(prompted.stdout).toMatch(/^ {2}prompt +'The quick query: ' before each text$/m);
    const side = await run(["backbones", "show", checkpointOfFixture("clip")]);
    expect(side.stdout).toMatch(/^ {2}pooling +none, '\S+' is one vector already/m);
    expect(side.stdout).not.toMatch(/^ {2}prompt/m);
  });

  it("tells the sides of one with several, and the size of the graph that is shown", async () => {
    const clip = layers.folderOf("clip");
    const graph = join(clip, "onnx", "model.onnx");
    writeFileSync(join(clip, "onnx", "model_fp16.onnx"), "x".repeat(5000));
    writeFileSync(`${graph}_data`, "7 bytes");
    const { stdout } = await run(["backbones", "show", clip, "--modality", "image"]);
    expect(stdout).toMatch(/^ {2}for +image; its other side by --modality text$/m);
    expect(stdout).toMatch(/^next: headstart embed <input> --backbone \S+ --modality image -o x.arrow$/m);
    expect(stdout).not.toMatch(/^ {2}reads/m);
    const { result } = await json("backbones", "show", clip);
    expect(result).toMatchObject({
      modality: "text",
      sides: ["text", "image"],
      bytes: statSync(graph).size + 7,
    });
    const embedded = await run(["backbones", "show", "use-lite"]);
    expect(embedded.stdout).toMatch(/^ {2}for +text$/m);
  });

  it("tells how many tokens are read, and how many can be", async () => {
    const long = checkpointOf(textGraph(), textFiles({}, { model_max_length: 131_072 }));
    const { stdout } = await run(["backbones", "show", long]);
    expect(stdout).toMatch(/^ {2}reads +at most 8,192 tokens of a text; 131,072 by --max-tokens$/m);
    const short = await run(["backbones", "show", ID]);
    expect(short.stdout).toMatch(/^ {2}reads +at most 32 tokens of a text$/m);
  });

  it.each([
    ["text", "use-lite", 512],
    ["images", "mobilenet-v2-mid", 816],
    ["text, from the Hub", ID, 4],
  ])("checks one for %s", async (_what, id, dim) => {
    const { code, result } = await json("backbones", "check", id);
    expect(code).toBe(0);
    expect(result).toMatchObject({ id, state: "ok", problems: [], dim, device: "cpu", repeatable: true });
    expect(result.batchDifference).toBeLessThan(1e-5);
  });

  it("says that weights which are no graph do not work", async () => {
    const { code, result } = await json("backbones", "check", ID, "--precision", "int8");
    expect(code).toBe(1);
    expect(result).toMatchObject({ error: { code: "model" } });
  });

  it("verifies, and ends with 1 where a file is damaged", async () => {
    expect(await json("backbones", "verify", "use-lite")).toMatchObject({ code: 0, result: { state: "ok" } });
    expect(await json("backbones", "verify", ID)).toMatchObject({ code: 0, result: { state: "ok" } });
    const { result } = await json("backbones", "show", ID);
    const config = join(String(result.folder), "config.json");
    const before = readFileSync(config);
    writeFileSync(config, before.toString().replace("bert", "bret"));
    const { code, stdout } = await run(["backbones", "verify", ID]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/changed +config.json[\s\S]*next: headstart backbones pull org\/tiny --repair/);
    expect((await run(["backbones", "pull", ID, "--repair"])).code).toBe(0);
    expect(readFileSync(config).equals(before)).toBe(true);
  });

  it("embeds with a Hub id, without the network once it is here", async () => {
    const input = join(folder, "rooms.csv");
    writeFileSync(input, "id,text\na,the room was cold\nb,the room\nc,cold\n");
    const first = await run(["embed", input, "-o", "a.arrow", "--backbone", ID, "--json"]);
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({ rows: 3, dim: 4, backbone: ID });
    const again = await run(["embed", input, "-o", "b.arrow", "--backbone", ID, "--json"], {
      HF_HUB_OFFLINE: "1",
    });
    expect(again).toMatchObject({ code: 0 });
    const { result } = await json("inspect", "a.arrow");
    const commit = readFileSync(join(folder, "hub", "models--org--tiny", "refs", "main"), "utf8");
    expect(result.backbone).toMatchObject({ id: ID, revision: commit, precision: "fp32" });
    expect(JSON.parse(first.stdout).fingerprint).toBe(JSON.parse(again.stdout).fingerprint);
  });

  it("predicts with a head that was trained on a Hub id, from the commit that it records", async () => {
    const rows = Array.from(
      { length: 12 },
      (_, i) => `${i},${i % 2 ? "the room was cold" : "room"},${i % 2}`,
    );
    writeFileSync(join(folder, "labelled.csv"), `id,text,label\n${rows.join("\n")}\n`);
    await run(["embed", "labelled.csv", "-o", "labelled.arrow", "--backbone", ID, "--label", "label"]);
    const trained = await run(["train", "labelled.arrow", "-o", "labelled.head.onnx", "--cv", "0"]);
    expect(trained).toMatchObject({ code: 0 });
    const before = hub.seen.length;
    const { code, result } = await json("predict", "labelled.head.onnx", "labelled.csv");
    expect(code).toBe(0);
    const predictions = result.predictions as { prediction: string }[];
    expect(predictions.map(({ prediction }) => prediction)).toEqual(rows.map((row) => row.at(-1)));
    expect(hub.seen.length).toBe(before);
  });

  it("predicts with the backbone that it is told, by a Hub id or an embedded one", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i % 2 ? "the room was cold" : "room"},${i % 2}`);
    writeFileSync(join(folder, "told.csv"), `text,label\n${rows.join("\n")}\n`);
    const own = checkpointOf(textGraph(), textFiles());
    for (const [backbone, told] of [
      [own, ID],
      ["use-lite", "use-lite"],
    ] as const) {
      await run(["embed", "told.csv", "-o", "told.arrow", "--backbone", backbone]);
      await run(["train", "told.arrow", "-o", "told.head.onnx", "--cv", "0"]);
      if (backbone === own) {
        rmSync(own, { recursive: true });
        expect((await run(["predict", "told.head.onnx", "told.csv"])).stderr).toContain("--backbone <id>");
      }
      const { code, result } = await json("predict", "told.head.onnx", "told.csv", "--backbone", told);
      expect({ code, rows: result.rows }).toEqual({ code: 0, rows: 12 });
    }
    const help = await run(["predict", "--help"]);
    expect(help.stdout.replaceAll(/\s+/g, " ")).toContain(
      "--backbone <id> the head's backbone, where it is not",
    );
  });

  it("completes ids that are in the cache", async () => {
    expect((await run(["complete", "--", "backbones", "check", "org"])).stdout).toMatch(/^org\/tiny\t/m);
    expect((await run(["complete", "--", "embed", "x", "--backbone", "org"])).stdout).toMatch(
      /^org\/tiny\t/m,
    );
  });

  it("shows the progress of a download", async () => {
    hub.mischief = async ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes("model_fp16.onnx_data")) return false;
      response.writeHead(200, { "content-length": 500_000 });
      const body = tinyRepository()["onnx/model_fp16.onnx_data"]!;
      for (let from = 0; from < body.length; from += 50_000) {
        response.write(body.subarray(from, from + 50_000));
        await new Promise((done) => setTimeout(done, 300));
      }
      response.end();
      return true;
    };
    const { code, stderr } = await run(["backbones", "pull", ID, "--precision", "fp16"]);
    hub.mischief = null;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^download: \d+\.\d kB\/570\.0 kB, \d+\.\d kB\/s, .* left$/m);
  });

  it("removes, and says what was freed", async () => {
    const fp16 = await run(["backbones", "remove", ID, "--precision", "fp16"]);
    expect(fp16).toMatchObject({ code: 0, stdout: "org/tiny: 2 files removed, 570.0 kB freed\n" });
    const { code, result } = await json("backbones", "remove", ID);
    expect(code).toBe(0);
    expect(result).toMatchObject({ id: ID, kept: 0 });
    expect(result.freedBytes).toBeGreaterThan(300_000);
    expect((await json("backbones", "list")).result).toEqual([
      expect.objectContaining({ id: "mobilenet-v2-mid" }),
      expect.objectContaining({ id: "use-lite" }),
    ]);
  });

  it.each([
    ["an embedded one", ["pull", "use-lite"], 2],
    ["a path", ["pull", "./x"], 2],
    ["a revision that is a path", ["pull", ID, "--revision", "../x"], 2],
    ["another precision", ["pull", ID, "--precision", "int4"], 2],
    ["what is not there", ["pull", "org/none"], 1],
    ["what was never pulled", ["remove", "org/none"], 1],
    ["a folder", ["remove", "./x"], 2],
  ])("refuses %s", async (_what, args, expected) => {
    const { code, result } = await json("backbones", ...args);
    expect({ code, hint: (result.error as { hint: string | null }).hint }).toEqual({
      code: expected,
      hint: expect.any(String),
    });
  });
});
