import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { cpuCount } from "../../src/core/cpu-count.js";
import { temporaryFolder } from "../data/temporary-folder.js";
import { CLI } from "./run-cli.js";

const folder = temporaryFolder();
/** Tells at the end what the size of the pool was to be, and how many threads the process has. */
const probe = folder.write(
  "probe.cjs",
  `process.once("exit", () => {
     const fs = require("node:fs");
     process.stderr.write(JSON.stringify([process.env.UV_THREADPOOL_SIZE, fs.readdirSync("/proc/self/task").length]));
   });`,
);
const manyProcessors = folder.write(
  "many.cjs",
  `require("node:os").availableParallelism = () => 19;
   require("node:module").syncBuiltinESMExports();`,
);

const told = (env: Record<string, string> = {}, ...preload: string[]): [size: string, threads: number] => {
  const { UV_THREADPOOL_SIZE: _, ...inherited } = process.env;
  const required = [...preload, probe].flatMap((file) => ["-r", file]);
  const { stderr } = spawnSync(process.execPath, [...required, CLI, "--version"], {
    env: { ...inherited, ...env },
    encoding: "utf8",
  });
  return JSON.parse(stderr) as [string, number];
};

it.runIf(process.platform === "linux")("the pool that decodes images has a thread a processor", () => {
  const [usual, threads] = told();
  expect(usual).toBe(String(Math.max(4, cpuCount())));
  // In time to take effect: the loader of ES modules starts the pool before the first statement of any of them.
  const [size, more] = told({}, manyProcessors);
  expect(["19", usual], "unless a container's quota is less").toContain(size);
  expect(more - threads).toBe(Number(size) - Number(usual));
  // Who sets it decides instead.
  const [chosen, most] = told({ UV_THREADPOOL_SIZE: "23" });
  expect(chosen).toBe("23");
  expect(most - threads).toBe(23 - Number(usual));
});
