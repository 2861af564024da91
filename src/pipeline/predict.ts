import { checkAbstain } from "./abstain.js";
import { checkTarget } from "./check-target.js";
import { isEmbeddingsFile } from "./is-embeddings-file.js";
import { openHead } from "./load-head.js";
import { pipedInput } from "./piped-input.js";
import { predictFile } from "./predict-file.js";
import { predictionFormat } from "./prediction-writer.js";
import { stopwatch } from "./stopwatch.js";
import type { PredictOptions, PredictResult } from "./types.js";

/**
 * Predicts the label of each row of an embeddings file, or of raw input, which is embedded first with the
 * head's own backbone; what embeds is loaded for that alone.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `data`, `model`, `io`.
 * @example await predict({ head: "reviews.onnx", input: "new.csv", out: "predictions.csv" })
 */
export async function predict(options: PredictOptions): Promise<PredictResult> {
  const watch = stopwatch();
  if (options.out !== undefined) predictionFormat(options.out);
  await checkTarget(options.out, [options.head, options.input]);
  const head = await openHead(options.head);
  const load = watch.lap();
  try {
    checkAbstain(options.abstainBelow, options.head, head);
    const piped = options.input === "-" ? await pipedInput(options.stdin) : null;
    if (piped?.embeddings ?? (await isEmbeddingsFile(options.input))) {
      const run = await predictFile(options, head, options.input, piped?.stdin);
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
    const { predictRaw } = await import("./predict-raw.js");
    return await predictRaw(options, head, load + watch.lap(), piped?.stdin);
  } finally {
    await head.release();
  }
}
