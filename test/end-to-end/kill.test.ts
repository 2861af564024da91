import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import * as headstart from "../../src/index.js";
import { CLI } from "../cli/run-cli.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

/** Work is saved every second, so these take minutes; killed processes of a faster backbone are in test/embeddings. */
const KILLS = Number(process.env.HEADSTART_KILLS ?? 0);
const SEED = Number(process.env.HEADSTART_KILL_SEED ?? 11);
/** Each attempt that gets that far keeps two or three windows of 256 texts of 128 tokens, or one of 64 images. */
const TEXTS = 768 * Math.ceil(KILLS / 2) + 150;
const IMAGES = 64 * Math.ceil(KILLS / 2) + 40;

const { path, write } = workplace();
const at = (name: string): string => join(path, name);
const rng = random(SEED);

beforeAll(async () => {
  if (KILLS === 0) return;
  const rows = Array.from({ length: TEXTS }, (_, i) => {
    const text = i % 50 === 49 ? "" : `Visit ${i % 400}. ${`${REVIEWS[i % 60]!.review} `.repeat(14)}`;
    return `n${i},"${text}",${["good", "bad", ""][i % 3]}`;
  });
  write("texts.csv", `id,text,label\n${rows.join("\n")}\n`);
  // Some of it is known beforehand.
  write(
    "known.csv",
    `id,text,label\n${rows
      .filter((_, i) => i % 7 === 3)
      .slice(0, 60)
      .join("\n")}\n`,
  );
  mkdirSync(at("images"));
  for (let i = 0; i < IMAGES; i++) {
    const name = `images/${String(i).padStart(4, "0")}.png`;
    const pixels = Buffer.from(Array.from({ length: 24 * 24 * 3 }, () => rng.integer(256)));
    if (i % 40 === 39) write(name, "no image");
    else
      write(
        name,
        await sharp(pixels, { raw: { width: 24, height: 24, channels: 3 } })
          .png()
          .toBuffer(),
      );
  }
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Begins a run; `cache` is its cache folder. */
function begin(args: readonly string[], cache: string) {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: path,
    env: { ...process.env, HEADSTART_CACHE: at(cache) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

const stateOf = (out: string): string =>
  existsSync(at(`${out}.part.json`)) ? readFileSync(at(`${out}.part.json`), "utf8") : "";

/** Kills a run: at a moment of its beginning, or shortly after it has saved something. */
async function killOnce(args: readonly string[], out: string, cache: string, early: boolean): Promise<Ended> {
  const before = stateOf(out);
  const { child, ended } = begin(args, cache);
  if (!early) while (child.exitCode === null && stateOf(out) === before) await sleep(5);
  await sleep(rng.integer(early ? 900 : 300));
  child.kill("SIGKILL");
  return ended;
}

/** Everything that a file says, but when it was made; the vectors as bytes. */
async function contentOf(out: string) {
  const { X, meta, ...rest } = await headstart.readEmbeddings(at(out));
  const bytes = Buffer.from(X.data.buffer, X.data.byteOffset, X.data.byteLength);
  return { ...rest, bytes, meta: { ...meta, created: "" } };
}

describe
  .skipIf(KILLS === 0)
  .concurrent(`a run killed ${KILLS} times (skipped: HEADSTART_KILLS=20 is not set)`, () => {
    it.each([
      ["texts.csv", TEXTS],
      ["images", IMAGES],
    ] as const)(
      "of %s loses and doubles nothing, and says where it goes on",
      async (input, rows) => {
        const out = `${input}.arrow`;
        if (input === "texts.csv") {
          const warm = begin(["embed", "known.csv", "-o", "known.arrow", "--cache"], `cache-${input}`);
          expect((await warm.ended).code).toBe(3);
          cpSync(at(`cache-${input}`), at(`cache-whole-${input}`), { recursive: true });
        }

        const command = ["embed", input, "-o", out, "--cache"];
        let resumed = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          const { signal, stderr } = await killOnce(command, out, `cache-${input}`, kill % 2 === 0);
          expect({ signal, stderr }).toMatchObject({ signal: "SIGKILL" });
          expect(existsSync(at(out))).toBe(false);
          const { consumed = 0 } = JSON.parse(stateOf(out) || "{}") as { consumed?: number };
          expect(consumed).toBeGreaterThanOrEqual(resumed);
          resumed = consumed;
        }
        expect(resumed).toBeGreaterThan(0);
        const last = await begin(command, `cache-${input}`).ended;
        expect(last).toMatchObject({ code: 3 });
        expect(last.stdout).toMatch(
          new RegExp(`^ *resumed +at row ${resumed.toLocaleString("en-US")}$`, "m"),
        );

        const whole = await begin(
          ["embed", input, "-o", `${input}-whole.arrow`, "--cache"],
          `cache-whole-${input}`,
        ).ended;
        expect(whole.code).toBe(3);
        const [expected, content] = [await contentOf(`${input}-whole.arrow`), await contentOf(out)];
        expect(content.bytes.equals(expected.bytes)).toBe(true);
        expect({ ...content, bytes: null }).toEqual({ ...expected, bytes: null });
        const rejects = (name: string) => readFileSync(at(`${name}.rejects.jsonl`), "utf8");
        expect(rejects(out)).toBe(rejects(`${input}-whole.arrow`));
        expect(content.ids.length + rejects(out).trimEnd().split("\n").length).toBe(rows);
        expect(readdirSync(path).filter((name) => name.startsWith(`${out}.`))).toEqual([
          `${out}.rejects.jsonl`,
        ]);
      },
      60_000 + 120_000 * KILLS,
    );
  });
