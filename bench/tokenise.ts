/**
 * Token ids a second on one core: our tokenizer against the one of Transformers.js, on the same sentences.
 *
 * Run: npm run bench:tokenise [-- <checkpoint folder>]   (default ../shared/models/all-MiniLM-L6-v2)
 * Prints the median of five runs over all sentences of ../shared/data/text/mr.csv, each run on a fresh tokenizer, so that
 * no word has been seen before; and whether the ids are equal. Seconds are those of the processor that this process had,
 * so that a busy machine shows the same figures as an idle one.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { readCheckpoint } from "../src/backbones/checkpoint.js";
import { libraryEncoder } from "../src/backbones/text/library-encoder.js";
import { readTokenizer } from "../src/backbones/text/read-tokenizer.js";
import { loadText } from "../src/backbones/text/text-preprocessor.js";
import { packageRoot } from "../src/core/package-root.js";

const RUNS = 5;
const shared = join(packageRoot(), "../shared");
const folder = resolve(process.argv[2] ?? join(shared, "models/all-MiniLM-L6-v2"));
const rows = parse(readFileSync(join(shared, "data/text/mr.csv")), { columns: true }) as { text: string }[];
const texts = rows.map(({ text }) => text);
const checkpoint = await readCheckpoint(folder);

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
/** Processor seconds, all threads of this process together. */
const seconds = (work: () => void): number => {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};
const rate = (seconds: number): string =>
  `${Math.round(texts.length / seconds).toLocaleString("en")} a second`;

const ours: number[] = [];
let ids: Int32Array[] = [];
for (let run = 0; run < RUNS; run++) {
  const { preprocessor } = await loadText(checkpoint);
  ours.push(
    seconds(() => {
      ids = texts.map((text) => preprocessor.encode(text).ids);
    }),
  );
}

const { json, settings } = await readTokenizer(folder, String(checkpoint.config.model_type));
const theirs: number[] = [];
let equal = 0;
for (let run = 0; run < RUNS; run++) {
  const { encode, frame } = await libraryEncoder(json, settings);
  let encoded: number[][] = [];
  theirs.push(
    seconds(() => {
      encoded = texts.map((text) => encode(text));
    }),
  );
  equal = encoded.filter((row, i) => {
    const whole = [...frame.before, ...row, ...frame.after];
    return whole.length === ids[i]!.length && whole.every((id, j) => id === ids[i]![j]);
  }).length;
}

process.stdout.write(
  [
    `${texts.length.toLocaleString("en")} sentences, ${folder}`,
    `Headstart        ${rate(median(ours))}`,
    `Transformers.js  ${rate(median(theirs))}`,
    `equal ids        ${equal} of ${texts.length}`,
    "",
  ].join("\n"),
);
