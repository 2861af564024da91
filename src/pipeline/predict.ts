import { copyFile, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Backbone, BackboneSpec } from "../backbones/backbone.js";
import { type BackboneOptions, resolveBackbone } from "../backbones/resolve-backbone.js";
import { HeadstartError, messageOf } from "../core/errors.js";
import { throwIfInterrupted } from "../core/interrupted.js";
import { openDataset } from "../data/open-dataset.js";
import { embedDataset } from "../embeddings/embed-dataset.js";
import { streamEmbeddings } from "../embeddings/read-embeddings.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { type Matrix, rowOf } from "../linalg/matrix.js";
import { checkTarget } from "./check-target.js";
import { checkModality, defined, inputOptions } from "./embed.js";
import { checkFingerprint, openHead } from "./load-head.js";
import { predictionFormat, predictionWriter } from "./prediction-writer.js";
import { stopwatch } from "./stopwatch.js";
import type { Prediction, PredictOptions, PredictResult } from "./types.js";

/**
 * Predicts the label of each row of an embeddings file, or of raw input, which is embedded first with the
 * head's own backbone.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `data`, `model`, `io`.
 * @example await predict({ head: "reviews.onnx", input: "new.csv", out: "predictions.csv" })
 */
export async function predict(options: PredictOptions): Promise<PredictResult> {
  const watch = stopwatch();
  if (options.out !== undefined) predictionFormat(options.out);
  await checkTarget(options.out, [options.head, options.input]);
  const head = await openHead(options.head);
  let load = watch.lap();
  try {
    if (await isArrow(options.input)) {
      const run = await predictFile(options, head, options.input);
      const predicted = watch.lap();
      return {
        out: options.out ?? null,
        ...run,
        rejects: 0,
        rejectsFile: null,
        guesses: [],
        seconds: { load, embed: 0, predict: predicted, total: load + predicted },
      };
    }
    const dataset = await openDataset(options.input, inputOptions(options));
    const backbone = await headsBackbone(options, head);
    checkModality(dataset, backbone.spec);
    checkFingerprint(named(options.head, head), {
      path: "the backbone",
      fingerprint: backbone.fingerprint,
      backbone: backbone.spec.id,
    });
    load += watch.lap();
    // Beside the predictions, so that an interrupted run goes on where it stopped; removed when all is done.
    const folder = options.out === undefined ? await mkdtemp(join(tmpdir(), "headstart-")) : null;
    const embeddings = folder ? join(folder, "rows.arrow") : `${options.out}.embeddings.arrow`;
    try {
      const { rejects, rejectsFile } = await embedDataset({
        dataset,
        backbone,
        out: embeddings,
        ...defined({
          device: options.device,
          threads: options.threads,
          onProgress: options.onProgress,
          signal: options.signal,
        }),
      });
      const embed = watch.lap();
      const run = await predictFile(options, head, embeddings).finally(() => rm(embeddings));
      const predicted = watch.lap();
      return {
        out: options.out ?? null,
        ...run,
        rejects,
        rejectsFile: await keepRejects(rejectsFile, options),
        guesses: dataset.guesses,
        seconds: { load, embed, predict: predicted, total: load + embed + predicted },
      };
    } finally {
      if (folder) await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await head.release();
  }
}

/** The rejects lie beside the predictions; those of a run without an output file, in the working folder. */
async function keepRejects(rejectsFile: string | null, options: PredictOptions): Promise<string | null> {
  if (rejectsFile === null) return null;
  const kept = `${options.out ?? "headstart-predict"}.rejects.jsonl`;
  // Not renamed: the working folder may be another disk than the one of temporary files.
  await copyFile(rejectsFile, kept).catch((cause: unknown) => {
    throw new HeadstartError("io", `Cannot write ${kept}, the list of rejected rows: ${messageOf(cause)}`, {
      facts: { path: kept },
      hint: "Run it where files can be written, or say where the answers go: -o answers.jsonl",
      cause,
    });
  });
  await rm(rejectsFile);
  return kept;
}

async function predictFile(
  options: PredictOptions,
  head: LoadedHead,
  path: string,
): Promise<{ rows: number; classes: { name: string; rows: number }[] }> {
  const writer =
    options.out === undefined
      ? null
      : await predictionWriter(options.out, options.scores ? head.classes : null);
  const counts = new Map(head.classes.map((name) => [name, 0]));
  let rows = 0;
  try {
    for await (const batch of streamEmbeddings(path)) {
      throwIfInterrupted(options.signal);
      if (rows === 0) {
        const { fingerprint, backbone } = batch.meta;
        checkFingerprint(named(options.head, head), { path, fingerprint, backbone: backbone.id });
      }
      const predictions = await predictBatch(head, batch.ids, batch.X, options.scores ?? false);
      for (const one of predictions) {
        counts.set(one.prediction, counts.get(one.prediction)! + 1);
        options.onRow?.(one);
      }
      await writer?.write(predictions);
      rows += predictions.length;
      options.onProgress?.({ stage: "predict", done: rows, unit: "rows" });
    }
    await writer?.finish();
  } catch (error) {
    await writer?.discard();
    throw error;
  }
  return { rows, classes: [...counts].map(([name, count]) => ({ name, rows: count })) };
}

async function predictBatch(
  head: LoadedHead,
  ids: readonly string[],
  X: Matrix<Float32Array>,
  withScores: boolean,
): Promise<Prediction[]> {
  const { labels, scores, probabilities } = await head.run(X);
  return ids.map((id, i) => ({
    id,
    prediction: labels[i]!,
    confidence: probabilities === null ? null : rowOf(probabilities, i)[head.classes.indexOf(labels[i]!)]!,
    ...(withScores && {
      scores: Object.fromEntries(head.classes.map((name, k) => [name, rowOf(scores, i)[k]!])),
    }),
  }));
}

function named(path: string, head: LoadedHead): { path: string; fingerprint: string; backbone: string } {
  return { path, fingerprint: head.fingerprint, backbone: head.meta.backbone?.id ?? "unknown" };
}

/** The backbone that the head remembers, or the one that the user says is the same. */
async function headsBackbone(options: PredictOptions, head: LoadedHead): Promise<Backbone> {
  const recorded = backboneOf(head);
  try {
    return await resolveBackbone(options.backbone ?? recorded.id, recordedOptions(recorded));
  } catch (cause) {
    if (!(cause instanceof HeadstartError) || cause.code !== "usage") throw cause;
    const { path, fingerprint } = named(options.head, head);
    throw new HeadstartError(
      "fingerprint",
      `${path} was trained on '${recorded.id}' (${fingerprint.slice(0, 12)}), which is another backbone: ${cause.message}`,
      {
        facts: { head: path, fingerprint },
        hint: "Give the folder where the head's own backbone lies.",
        cause,
      },
    );
  }
}

/** What a head records of the backbone of its embeddings, as far as it is needed to find it again. */
type Recorded = Pick<BackboneSpec, "id" | "pooling" | "normalize">;

function backboneOf(head: LoadedHead): Recorded {
  const recorded: Partial<Recorded> = head.meta.backbone ?? {};
  const { id, pooling, normalize } = recorded;
  if (id !== undefined && pooling !== undefined && normalize !== undefined) return { id, pooling, normalize };
  throw new HeadstartError("model", "The head does not say which backbone it was trained on", {
    hint: "Embed the input yourself, and predict on the embeddings file.",
  });
}

/** How the head's backbone was resolved: only what differs from leaving it out matters to `resolveBackbone`. */
function recordedOptions(spec: Recorded): BackboneOptions {
  return { normalize: spec.normalize, ...(spec.pooling !== "none" && { pooling: spec.pooling }) };
}

/** Whether a path is an Arrow file, by its name or its beginning; anything unreadable is left to its reader. */
async function isArrow(path: string): Promise<boolean> {
  if (path === "-") return false;
  if (extname(path).toLowerCase() === ".arrow") return true;
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
    return buffer.toString("latin1") === "ARROW1";
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EISDIR") return false;
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  } finally {
    await file.close();
  }
}
