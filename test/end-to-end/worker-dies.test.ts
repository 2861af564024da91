import { beforeAll, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { runCli } from "../cli/run-cli.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write, run } = workplace();
const ROWS = 20_000;
/** Ends the thread that runs the backbone when it has been asked so often: as a fault in native code would. */
const DIES = `import { parentPort } from "node:worker_threads";
let asked = 0;
parentPort?.on("message", () => { if (++asked > 40) process.exit(7); });`;

beforeAll(() => {
  writeTinyCheckpoint(`${path}/tiny`);
  const words = ["room", "soup", "concert", "loved", "regret", "cold"];
  const rows = Array.from({ length: ROWS }, (_, i) => `n${i},the ${words[i % 6]} ${words[(i * i) % 5]} ${i}`);
  write("rows.csv", `id,text\n${rows.join("\n")}\n`);
});

it("a thread of the backbone that dies ends the run with its work kept; the same command goes on", async () => {
  const command = ["embed", "rows.csv", "--backbone", "tiny", "--threads", "1"];
  const died = await runCli([...command, "-o", "x.arrow"], {
    cwd: path,
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DIES)}` },
  });
  expect(died).toMatchObject({ code: 1, stdout: "" });
  expect(died.stderr).toMatch(/^error: The thread that runs the backbone ended \(exit code 7\)$/m);
  expect(died.stderr).toMatch(/^hint: Run the same command again to go on/m);
  const { code, stdout } = await run([...command, "-o", "x.arrow"]);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ *resumed +at row [\d,]+$/m),
  });
  expect((await run([...command, "-o", "whole.arrow"])).code).toBe(0);
  const { meta, ...rows } = await headstart.readEmbeddings(`${path}/x.arrow`);
  const { meta: _, ...whole } = await headstart.readEmbeddings(`${path}/whole.arrow`);
  expect(rows).toEqual(whole);
});
