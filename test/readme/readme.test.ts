import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parsePipeline } from "../../src/pipeline/yaml/parse-pipeline.js";
import { blocksOf, commandsOf, skeleton } from "./blocks.js";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/src/cli/headstart.cjs");
const run = promisify(execFile);
const readme = await readFile(join(root, "README.md"), "utf8");
const blocks = blocksOf(readme);

/** Commands that the gate or another test runs: this process is inside the last one. */
const RUN_ELSEWHERE: Record<string, string> = {
  "npm ci": ".ci/run",
  "npm run demo": "test/demo",
  "npm cit": ".ci/run",
};

describe("README", () => {
  let folder: string;
  /** As a reader has it: what one block has embedded is known to the next, of this folder only. */
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headstart-readme-"));
    env = { ...process.env, HEADSTART_VECTOR_CACHE: "on", HEADSTART_CACHE: join(folder, "cache") };
    await symlink(join(root, "data"), join(folder, "data"), "junction");
    await symlink(join(root, "pipelines"), join(folder, "pipelines"), "junction");
    await mkdir(join(folder, "node_modules"));
    await symlink(root, join(folder, "node_modules/headstart"), "junction");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("has only kinds of blocks that are run here", () => {
    const kinds = new Set(blocks.map((block) => block.language));
    expect([...kinds].sort()).toEqual(["console", "sh", "text", "ts", "yaml"]);
  });

  it("names commands in its shell blocks that are run elsewhere", () => {
    const commands = blocks
      .filter((block) => block.language === "sh")
      .flatMap((block) => block.text.trim().split("\n"))
      .flatMap((line) => line.replace(/#.*/, "").split("&&"))
      .map((command) => command.trim());
    expect(commands.filter((command) => !(command in RUN_ELSEWHERE))).toEqual([]);
  });

  it("shows what its commands print, but for the numbers", { timeout: 240_000 }, async () => {
    for (const block of blocks.filter((one) => one.language === "console")) {
      for (const { command, output } of commandsOf(block)) {
        const line = command.replace(/\b(npx )?headstart /g, `"${process.execPath}" "${cli}" `);
        const { stdout } = await run(line, { cwd: folder, env, shell: true } as never);
        const printed = String(stdout).trimEnd().split("\n").map(skeleton);
        expect(printed, `line ${block.line}: ${command}`).toEqual(output.map(skeleton));
      }
    }
  });

  it("has TypeScript that runs", { timeout: 240_000 }, async () => {
    for (const [i, block] of blocks.filter((one) => one.language === "ts").entries()) {
      const script = join(folder, `block-${i}.mjs`);
      await writeFile(script, block.text);
      const { stdout } = await run(process.execPath, [script], { cwd: folder, env });
      expect(stdout).toMatch(/value: 0\.\d+/);
    }
  });

  it("has YAML that is a valid pipeline", () => {
    for (const block of blocks.filter((one) => one.language === "yaml")) {
      expect(parsePipeline(block.text, "README.md")).toMatchObject({ version: 1 });
    }
  });

  it("lists every command and every backbone", async () => {
    const { stdout } = await run(process.execPath, [cli, "--help"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) .*/gm)].map((match) => match[1]!);
    for (const command of listed.filter((name) => name !== "help"))
      expect(readme).toContain(`headstart ${command}`);
    const backbones = await run(process.execPath, [cli, "backbones", "list", "--json"]);
    for (const { id } of JSON.parse(backbones.stdout) as { id: string }[])
      expect(readme).toContain(`\`${id}\``);
  });

  it("links to files that exist", async () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(5);
    const { access } = await import("node:fs/promises");
    for (const link of links) await expect(access(join(root, link)), link).resolves.toBeUndefined();
  });
});
