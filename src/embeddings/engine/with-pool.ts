import type { Backbone } from "../../backbones/backbone.js";
import {
  type PreprocessPool,
  type PreprocessPoolOptions,
  preprocessPool,
} from "../../backbones/preprocess/preprocess-pool.js";

/** Windows that are prepared by a pool, which is closed with them. */
export async function* withPool<T>(
  preprocessor: Backbone["preprocessor"],
  options: PreprocessPoolOptions,
  windows: (pool: PreprocessPool) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const pool = preprocessPool(preprocessor, options);
  try {
    yield* windows(pool);
  } finally {
    await pool.close();
  }
}
