// One contender in Node of bench/embed.ts, a process of its own: "ours", "bare", "transformers.js", "images" or
// "images-parts". Answers each task, a JSON line, with one line; vectors go to the file that the task names, float32.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { resolveBackbone } from "../src/backbones/resolve-backbone.js";
import { cpuCount } from "../src/core/cpu-count.js";
import { readEmbeddings } from "../src/embeddings/file/read-embeddings.js";
import { encodeModel } from "../src/onnx/encode-model.js";
import { embed } from "../src/pipeline/embed.js";

export interface EmbedTask {
  /** The backbone's folder. */
  readonly backbone: string;
  /** `.csv` with a column `text`, or a folder of images. */
  readonly input: string;
  /** The same texts as a JSON list. */
  readonly texts: string;
  /** Where vectors go, `[rows, dim]` float32; an Arrow file of the same stem beside it. */
  readonly out: string;
  /** Of the bare session: tokens, or images, in a batch. */
  readonly budget?: number;
  readonly precision?: "fp32" | "int8";
}

export interface EmbedAnswer {
  /** Seconds by the clock without loading, and of all threads on a processor. */
  readonly seconds: number;
  readonly cpu: number;
  readonly rows: number;
  /** With loading, where that was measured. */
  readonly total?: number;
  /** The two parts of `seconds`, of images. */
  readonly decode?: number;
  readonly inference?: number;
}

type Measured = Omit<EmbedAnswer, "cpu">;

/** The whole way, from the input file to a finished Arrow file. */
async function ours({ input, backbone, out, precision = "fp32" }: EmbedTask): Promise<Measured> {
  const arrow = out.replace(/\.f32$/, ".arrow");
  const started = performance.now();
  const isTable = input.endsWith(".csv");
  const { seconds, rows } = await embed({
    input,
    backbone,
    out: arrow,
    restart: true,
    cache: false,
    precision,
    ...(isTable && { text: "text", label: "" }),
  });
  const total = (performance.now() - started) / 1000;
  const { X } = await readEmbeddings(arrow);
  await writeFile(out, new Uint8Array(X.data.buffer, X.data.byteOffset, X.data.byteLength));
  return { seconds: seconds.total - seconds.load, rows, total };
}

/** The backbone's own graph, pooling inside, on tensors made before the clock starts. */
async function openBare(folder: string) {
  const backbone = await resolveBackbone(folder);
  const { model, folder: weights, shape } = await backbone.graph();
  const session = await InferenceSession.create(encodeModel(model), {
    executionProviders: ["cpu"],
    intraOpNumThreads: cpuCount(),
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    extra: { session: { model_external_initializers_file_folder_path: weights } },
  });
  return { backbone, session, dim: shape.dim };
}
let bareSession: ReturnType<typeof openBare> | undefined;

/** Rows by length, in batches of at most so many tokens. */
function byLength(ids: readonly Int32Array[], budget: number): number[][] {
  const order = ids.map((_, i) => i).sort((a, b) => ids[a]!.length - ids[b]!.length);
  const batches: number[][] = [];
  for (let start = 0, end = 1; start < order.length; start = end++) {
    while (end < order.length && (end + 1 - start) * ids[order[end]!]!.length <= budget) end++;
    batches.push(order.slice(start, end));
  }
  return batches;
}

async function bare({ backbone: folder, texts, out, budget = 512 }: EmbedTask): Promise<Measured> {
  bareSession ??= openBare(folder);
  const { backbone, session, dim } = await bareSession;
  if (backbone.preprocessor.kind !== "text") throw new TypeError("texts only");
  const { encode } = backbone.preprocessor;
  const ids = (JSON.parse(await readFile(texts, "utf8")) as string[]).map((text) => encode(text).ids);
  const batches = byLength(ids, budget).map((rows) => {
    const tokens = ids[rows.at(-1)!]!.length;
    const values = new BigInt64Array(rows.length * tokens);
    const mask = new BigInt64Array(rows.length * tokens);
    rows.forEach((row, i) => {
      ids[row]!.forEach((id, j) => {
        values[i * tokens + j] = BigInt(id);
        mask[i * tokens + j] = 1n;
      });
    });
    const dims = [rows.length, tokens];
    const all: Record<string, Tensor> = {
      input_ids: new Tensor("int64", values, dims),
      attention_mask: new Tensor("int64", mask, dims),
      token_type_ids: new Tensor("int64", new BigInt64Array(values.length), dims),
    };
    return { rows, feeds: Object.fromEntries(session.inputNames.map((name) => [name, all[name]!])) };
  });
  const vectors = new Float32Array(ids.length * dim);
  await session.run(batches[0]!.feeds);
  const used = process.cpuUsage();
  const started = performance.now();
  for (const { rows, feeds } of batches) {
    const data = (await session.run(feeds))[session.outputNames[0]!]!.data as Float32Array;
    rows.forEach((row, i) => {
      vectors.set(data.subarray(i * dim, (i + 1) * dim), row * dim);
    });
  }
  const seconds = (performance.now() - started) / 1000;
  spent = process.cpuUsage(used);
  await writeFile(out, new Uint8Array(vectors.buffer));
  return { seconds, rows: ids.length };
}
/** Of the part that is on the clock, where that is not the whole task. */
let spent: NodeJS.CpuUsage | null = null;

let sessions: ReturnType<typeof openSessions> | undefined;
async function openSessions(folder: string) {
  const backbone = await resolveBackbone(folder);
  return { backbone, encoder: await backbone.open({ sessions: "fitting" }) };
}

/** Sessions of one thread on batches made before the clock starts: what reading, tokenising and writing are added to. */
async function bareSessions({ backbone: folder, texts, out, budget = 512 }: EmbedTask): Promise<Measured> {
  sessions ??= openSessions(folder);
  const { backbone, encoder } = await sessions;
  if (backbone.preprocessor.kind !== "text") throw new TypeError("texts only");
  const { encode } = backbone.preprocessor;
  const ids = (JSON.parse(await readFile(texts, "utf8")) as string[]).map((text) => encode(text).ids);
  const batches = byLength(ids, budget);
  const { dim } = backbone.spec;
  const vectors = new Float32Array(ids.length * dim);
  const inputs = batches.map((rows) => rows.map((row) => ids[row]!));
  await Promise.all(Array.from({ length: encoder.sessions ?? 1 }, () => encoder.encodeTexts(inputs[0]!)));
  const used = process.cpuUsage();
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < batches.length; i = next++) {
      const data = await encoder.encodeTexts(inputs[i]!);
      batches[i]!.forEach((row, j) => {
        vectors.set(data.subarray(j * dim, (j + 1) * dim), row * dim);
      });
    }
  };
  await Promise.all(Array.from({ length: 2 * (encoder.sessions ?? 1) }, lane));
  const seconds = (performance.now() - started) / 1000;
  spent = process.cpuUsage(used);
  await writeFile(out, new Uint8Array(vectors.buffer));
  return { seconds, rows: ids.length };
}

type Pipeline = (texts: string[], options: object) => Promise<{ readonly data: Float32Array }>;
let pipe: Promise<Pipeline> | undefined;

/** Transformers.js as its documentation shows it, in batches of 32. */
async function transformersJs({ backbone, texts, out }: EmbedTask): Promise<Measured> {
  pipe ??= (async () => {
    const { env, pipeline } = await import("@xenova/transformers");
    env.allowRemoteModels = false;
    env.localModelPath = dirname(backbone);
    const name = backbone.slice(dirname(backbone).length + 1);
    const open = pipeline as unknown as (task: string, name: string, options: object) => Promise<Pipeline>;
    const opened = await open("feature-extraction", name, { dtype: "fp32", device: "cpu" });
    await opened(["warm"], { pooling: "mean", normalize: true });
    return opened;
  })();
  const extract = await pipe;
  const list = JSON.parse(await readFile(texts, "utf8")) as string[];
  const parts: Float32Array[] = [];
  const used = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < list.length; i += 32) {
    parts.push((await extract(list.slice(i, i + 32), { pooling: "mean", normalize: true })).data);
  }
  const seconds = (performance.now() - started) / 1000;
  spent = process.cpuUsage(used);
  await writeFile(out, Buffer.concat(parts.map((part) => new Uint8Array(part.slice().buffer))));
  return { seconds, rows: list.length };
}

/** Decoding and inference, each alone on all cores: the sum is what perfect overlap on the same cores would take. */
async function imageParts({ input, backbone: folder, out, budget = 16 }: EmbedTask): Promise<Measured> {
  bareSession ??= openBare(folder);
  const { backbone, session } = await bareSession;
  const { preprocessor } = backbone;
  if (preprocessor.kind !== "image") throw new TypeError("images only");
  const paths = (await readdir(input, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const images: Float32Array[] = new Array(paths.length);
  const used = process.cpuUsage();
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < paths.length; i = next++) images[i] = await preprocessor.prepare(paths[i]!);
  };
  await Promise.all(Array.from({ length: 2 * cpuCount() }, lane));
  const decode = (performance.now() - started) / 1000;
  const decodeCpu = process.cpuUsage(used);
  const size = 3 * preprocessor.width * preprocessor.height;
  const feeds: Record<string, Tensor>[] = [];
  for (let i = 0; i < images.length; i += budget) {
    const batch = images.slice(i, i + budget);
    const pixels = new Float32Array(batch.length * size);
    batch.forEach((image, j) => {
      pixels.set(image, j * size);
    });
    const dims = [batch.length, 3, preprocessor.height, preprocessor.width];
    feeds.push({ [session.inputNames[0]!]: new Tensor("float32", pixels, dims) });
  }
  await session.run(feeds[0]!);
  const before = process.cpuUsage();
  const begun = performance.now();
  const parts: Float32Array[] = [];
  for (const feed of feeds) {
    parts.push((await session.run(feed))[session.outputNames[0]!]!.data as Float32Array);
  }
  const inference = (performance.now() - begun) / 1000;
  const inferenceCpu = process.cpuUsage(before);
  spent = { user: decodeCpu.user + inferenceCpu.user, system: decodeCpu.system + inferenceCpu.system };
  await writeFile(out, Buffer.concat(parts.map((part) => new Uint8Array(part.slice().buffer))));
  return { seconds: decode + inference, rows: paths.length, decode, inference };
}

const ways: Record<string, (task: EmbedTask) => Promise<Measured>> = {
  ours,
  bare,
  "bare-sessions": bareSessions,
  "transformers.js": transformersJs,
  "image-parts": imageParts,
};
const way = ways[process.argv[2]!]!;
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  spent = null;
  const used = process.cpuUsage();
  const answer = await way(JSON.parse(line) as EmbedTask);
  const { user, system } = spent ?? process.cpuUsage(used);
  console.log(JSON.stringify({ ...answer, cpu: (user + system) / 1e6 }));
}
// Their threads would keep the process.
await (await sessions)?.encoder.release();
