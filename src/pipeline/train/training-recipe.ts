import type { TrainOptions } from "../types.js";

/** What is trained, defaults filled in. */
export function trainingRecipe({ head, engine, set, scale, pca, seed }: Omit<TrainOptions, "embeddings">) {
  return {
    name: head ?? "linear-svm",
    engine: engine ?? "headstart",
    set: set ?? {},
    scale: scale ?? "auto",
    pca,
    seed: seed ?? 0,
  } as const;
}
