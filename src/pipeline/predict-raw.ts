import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedBackbone } from "../backbones/resolve-recorded.js";
import { HeadstartError, messageOf } from "../core/errors.js";
import { openDataset } from "../data/open-dataset.js";
import type { Dataset } from "../data/row.js";
import { embedDataset } from "../embeddings/engine/embed-dataset.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { defined } from "./defined.js";
import { checkModality, inputOptions } from "./embed.js";
import { headsBackbone } from "./heads-backbone.js";
import { predictFile } from "./predict-file.js";
import { stopwatch } from "./stopwatch.js";
import type { PredictOptions, PredictResult } from "./types.js";

/**
 * Embeds raw input with the head's own backbone, and predicts for that.
 * @param loaded - seconds that opening the head has taken.
 * @param stdin - what the path `-` reads.
 */
export async function predictRaw(
  options: PredictOptions,
  head: LoadedHead,
  loaded: number,
  stdin: NodeJS.ReadableStream | undefined,
): Promise<PredictResult> {
  const watch = stopwatch();
  const dataset = await openInput(options, head, stdin);
  const backbone = await headsBackbone(
    options.head,
    head,
    options.backbone,
    defined({ onProgress: options.onProgress, signal: options.signal }),
  );
  checkModality(
    dataset,
    backbone.spec,
    `${options.head} was trained on that backbone: give it such input, or train a head on the other kind.`,
  );
  const load = loaded + watch.lap();
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
    }).catch((thrown: unknown) => Promise.reject(folder ? withoutResuming(thrown) : thrown));
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
}

/** The input; a table with several kinds of content as what the head's backbone reads. */
async function openInput(
  options: PredictOptions,
  head: LoadedHead,
  stdin: NodeJS.ReadableStream | undefined,
): Promise<Dataset> {
  const wanted = { ...inputOptions(options), labels: "optional" as const, ...defined({ stdin }) };
  const { modality } = (head.meta.backbone ?? {}) as Partial<RecordedBackbone>;
  const isStream = /^(-$|https?:)/i.test(options.input);
  if (modality === undefined || isStream) return openDataset(options.input, wanted);
  // Where it holds nothing of that kind, it is opened as what it holds: the error then names both.
  return openDataset(options.input, { ...wanted, modality }).catch(() => openDataset(options.input, wanted));
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

/** An interruption whose work so far goes with the temporary folder says so. */
function withoutResuming(thrown: unknown): unknown {
  if (!(thrown instanceof HeadstartError && thrown.code === "interrupted")) return thrown;
  return new HeadstartError("interrupted", "Interrupted before the first answer; nothing is kept", {
    hint: "With -o answers.jsonl an interrupted run goes on where it stopped.",
    cause: thrown,
  });
}
