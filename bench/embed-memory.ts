/**
 * Peak resident memory of `embed`, at sizes ten times apart: short texts through use-lite, photographs of 12 megapixels
 * through mobilenet-v2-mid; and the time a row takes at each size.
 *
 * Run: npm run bench:embed-memory [-- --texts 10000,100000,1000000 --images 1000,10000 --distinct 300]
 * An empty list leaves a part out. The peak is VmHWM of the process that runs the built command, all its threads
 * together; without the cache of vectors, so that nothing is taken from an earlier run. Texts are distinct. Of the
 * images, `--distinct` files differ (eight pictures, each with many comments, so that their bytes and hashes differ); the
 * others are hard links to them, named so that equal ones lie as many rows apart: far more than a window holds, so that
 * each is decoded and encoded as if it were new. Needs about 0.4 GB of disk
 * for the images and 0.1 GB for a million texts, and as much as their vectors take (2 KB a text, 3 KB an image).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";
import { random } from "../src/core/random.js";

const MEGAPIXELS_12 = { width: 4000, height: 3000 };
const PICTURES = 8;

/** As the program itself tells it when it ends: nothing of it is missed, as polling might. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
import { readFileSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
const peak = () => {
  try { return Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]); }
  catch { return process.resourceUsage().maxRSS; }
};
if (isMainThread) process.on("exit", () => writeFileSync(process.env.HEADSTART_BENCH_PEAK, String(peak())));
`)}`;

interface Measured {
  readonly rows: number;
  readonly peakMegabytes: number;
  readonly millisecondsPerRow: number;
}

/** Runs the built command on an input; loading the backbone does not count into the time of a row. */
let measured = 0;

async function embed(input: string, folder: string, flags: readonly string[]): Promise<Measured> {
  const [out, peak] = [join(folder, "out.arrow"), join(folder, "peak")];
  const main = join(packageRoot(), "dist/src/cli/headstart.cjs");
  const args = [
    "--import",
    TELL_PEAK,
    main,
    "embed",
    input,
    "-o",
    out,
    "--restart",
    "--no-cache",
    "--json",
    ...flags,
  ];
  const child = spawn(process.execPath, args, {
    // The cache is on, as it is by default, and empty.
    env: { ...process.env, HEADSTART_BENCH_PEAK: peak, HEADSTART_CACHE: join(folder, `cache-${measured++}`) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`embed ended with ${code}:\n${output}`);
  const { rows, seconds } = JSON.parse(output) as {
    rows: number;
    seconds: { total: number; load: number };
  };
  await rm(out);
  return {
    rows,
    peakMegabytes: Number(await readFile(peak, "utf8")) / 1024,
    millisecondsPerRow: ((seconds.total - seconds.load) / rows) * 1000,
  };
}

/** Words that most vocabularies hold as they are. */
const WORDS = (
  "the a this that one good bad new old great small film book house room train bread water music garden city river " +
  "night day winter summer red blue green warm cold slow quick bright dark quiet loud long short happy sad open closed " +
  "is was has had sees loved found left made took and or but with from under over into"
).split(" ");

/** A CSV of distinct texts of 4 to 9 words: the first four number the row. */
async function writeTexts(path: string, rows: number): Promise<void> {
  const rng = random(7);
  const base = WORDS.length;
  const file = createWriteStream(path);
  file.write("id,text\n");
  for (let i = 0; i < rows; i++) {
    const words = [i, i / base, i / base ** 2, i / base ** 3].map((n) => WORDS[Math.floor(n) % base]!);
    for (let more = rng.integer(6); more > 0; more--) words.push(WORDS[rng.integer(base)]!);
    if (!file.write(`t${i},${words.join(" ")}\n`)) await once(file, "drain");
  }
  file.end();
  await finished(file);
}

/** `count` JPEGs of 12 megapixels, of which `distinct` differ in their bytes. */
async function writeImages(folder: string, count: number, distinct: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pictures = await Promise.all(Array.from({ length: PICTURES }, (_, seed) => picture(seed)));
  const path = (i: number): string => join(folder, `${String(i).padStart(6, "0")}.jpg`);
  for (let i = 0; i < count; i++) {
    if (i < distinct) await writeFile(path(i), withComment(pictures[i % PICTURES]!, `number ${i}`));
    else await link(path(i % distinct), path(i));
  }
}

/** Noise of several sizes, enlarged: detail at every scale, as photographs have it. */
async function picture(seed: number): Promise<Buffer> {
  const rng = random(seed + 1);
  const noise = (width: number, height: number): Promise<Buffer> => {
    const data = Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256));
    return sharp(data, { raw: { width, height, channels: 3 } })
      .resize(MEGAPIXELS_12.width, MEGAPIXELS_12.height, { fit: "fill" })
      .png({ compressionLevel: 1 })
      .toBuffer();
  };
  const [coarse, fine] = await Promise.all([noise(20, 15), noise(800, 600)]);
  return sharp(coarse)
    .composite([{ input: fine, blend: "soft-light" }])
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** The same picture in other bytes: a comment right after the start of the file. */
function withComment(jpeg: Buffer, comment: string): Buffer {
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(comment.length + 2, 4);
  return Buffer.concat([head, Buffer.from(comment, "latin1"), jpeg.subarray(2)]);
}

const { values: flags } = parseArgs({
  options: {
    texts: { type: "string", default: "10000,100000,1000000" },
    images: { type: "string", default: "1000,10000" },
    distinct: { type: "string", default: "300" },
    megabytes: { type: "string", default: "1024,1536" },
  },
});
const sizes = (list: string): number[] => list.split(",").filter(Boolean).map(Number);
const [mostForTexts, mostForImages] = sizes(flags.megabytes) as [number, number];
const folder = await mkdtemp(join(tmpdir(), "headstart-memory-"));
const table: string[][] = [];
try {
  const measure = async (what: string, most: number, count: number, run: () => Promise<Measured>) => {
    const { rows, peakMegabytes, millisecondsPerRow } = await run();
    if (rows !== count) throw new Error(`${rows} rows of ${count} ${what} were embedded`);
    const verdict = peakMegabytes < most ? "yes" : "NO";
    const figures = [peakMegabytes.toFixed(0), `${most}`, verdict, millisecondsPerRow.toFixed(3)];
    table.push([what, rows.toLocaleString("en"), ...figures]);
  };
  for (const count of sizes(flags.texts)) {
    const input = join(folder, `texts-${count}.csv`);
    await writeTexts(input, count);
    const how = ["--backbone", "use-lite", "--text", "text", "--id", "id"];
    await measure("short texts", mostForTexts, count, () => embed(input, folder, how));
    await rm(input);
  }
  for (const count of sizes(flags.images)) {
    const input = join(folder, `images-${count}`);
    await writeImages(input, count, Math.min(count, Number(flags.distinct)));
    const how = ["--backbone", "mobilenet-v2-mid"];
    await measure("12-megapixel JPEGs", mostForImages, count, () => embed(input, folder, how));
    await rm(input, { recursive: true });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const heading = ["what", "rows", "peak MB", "goal below", "met", "ms a row"];
process.stdout.write(`${formatTable(table, heading).join("\n")}\n`);
