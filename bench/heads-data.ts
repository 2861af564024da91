import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../src/core/package-root.js";
import { type Random, random } from "../src/core/random.js";
import { readEmbeddings } from "../src/embeddings/file/read-embeddings.js";
import { embed } from "../src/pipeline/embed.js";

/** A data set of bench/heads.ts. */
export interface Rows {
  readonly name: string;
  /** `[codes.length, dim]`. */
  readonly data: Float32Array;
  readonly codes: Int32Array;
  readonly dim: number;
  readonly classes: number;
  /** The first rows are trained on. */
  readonly train: number;
}

const root = packageRoot();

/** Real sentences, embedded once with a real BERT and kept in out/bench; null where ../shared is absent. */
async function embedded(name: "trec" | "mr", train: number): Promise<Rows | null> {
  const shared = join(root, "..", "shared");
  const backbone = join(shared, "models/all-MiniLM-L6-v2");
  const input = join(shared, `data/text/${name}.csv`);
  if (!existsSync(backbone) || !existsSync(input)) return null;
  const out = join(root, "out/bench", `${name}.arrow`);
  if (!existsSync(out)) {
    await mkdir(join(root, "out/bench"), { recursive: true });
    await embed({ input, out, backbone, text: "text", label: "label" });
  }
  const { X, labels } = await readEmbeddings(out);
  // MR lists one class after the other.
  const order = Int32Array.from({ length: X.rows }, (_, i) => i);
  if (name === "mr") random(1).shuffle(order);
  const data = new Float32Array(X.data.length);
  order.forEach((row, i) => {
    data.set(X.data.subarray(row * X.cols, (row + 1) * X.cols), i * X.cols);
  });
  const codes = order.map((row) => labels!.codes[row]!);
  return { name, data, codes, dim: X.cols, classes: new Set(codes).size, train };
}

/** The first rows of a set to train on, and as many after them to predict. */
async function startOf(name: "trec" | "mr", train: number): Promise<Rows | null> {
  const whole = await embedded(name, train);
  if (whole === null) return null;
  const { data, codes, dim } = whole;
  return {
    ...whole,
    name: `${name}-${train}`,
    data: data.subarray(0, 2 * train * dim),
    codes: codes.subarray(0, 2 * train),
  };
}

/** Directions that the classes differ in, as embeddings have few that matter. */
const LATENT = 24;
/** Clouds of a class. */
const CLOUDS = 3;
/** Rows whose label is drawn anew. */
const MISLABELLED = 0.08;

/** Several clouds a class in a few dimensions, turned into many with noise in all of them; a fifth held out. */
function synthetic(name: string, train: number, dim: number, classes: number): Rows {
  const rows = Math.ceil(train * 1.2);
  const rng = random(7);
  const centres = Float32Array.from({ length: classes * CLOUDS * LATENT }, () => normal(rng));
  const turn = Float32Array.from({ length: LATENT * dim }, () => normal(rng) / Math.sqrt(LATENT));
  const codes = new Int32Array(rows);
  const data = new Float32Array(rows * dim);
  const latent = new Float32Array(LATENT);
  for (let i = 0; i < rows; i++) {
    const code = rng.integer(classes);
    const centre = (code * CLOUDS + rng.integer(CLOUDS)) * LATENT;
    for (let l = 0; l < LATENT; l++) latent[l] = centres[centre + l]! + normal(rng);
    const row = data.subarray(i * dim, (i + 1) * dim);
    for (let l = 0; l < LATENT; l++) {
      const value = latent[l]!;
      for (let j = 0; j < dim; j++) row[j]! += value * turn[l * dim + j]!;
    }
    for (let j = 0; j < dim; j++) row[j]! += 0.3 * normal(rng);
    codes[i] = rng.next() < MISLABELLED ? rng.integer(classes) : code;
  }
  return { name, data, codes, dim, classes, train };
}

const normal = (rng: Random): number =>
  Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());

const SIZES: readonly (readonly [name: string, rows: number])[] = [
  ["1k", 1000],
  ["5k", 5000],
  ["20k", 20_000],
  ["50k", 50_000],
];

const syntheticSets = (sizes: typeof SIZES): Record<string, () => Rows> =>
  Object.fromEntries(
    sizes.flatMap(([size, rows]) =>
      [384, 2048].flatMap((dim) =>
        [2, 10].map((classes) => {
          const name = `syn-${size}-${dim}-${classes}`;
          return [name, () => synthetic(name, rows, dim, classes)] as const;
        }),
      ),
    ),
  );

type Maker = () => Promise<Rows | null> | Rows;

/** The sets that are run where none is named. */
export const USUAL_SETS: Readonly<Record<string, Maker>> = {
  trec: () => embedded("trec", 5452),
  mr: () => embedded("mr", 8530),
  ...syntheticSets(SIZES),
};

/** All sets: the usual ones, and small ones that JavaScript's other packages get through. */
export const SETS: Readonly<Record<string, Maker>> = {
  "mr-500": () => startOf("mr", 500),
  "mr-1000": () => startOf("mr", 1000),
  ...syntheticSets([["500", 500]]),
  ...USUAL_SETS,
};
