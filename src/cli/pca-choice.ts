import { HeadstartError } from "../core/errors.js";

/**
 * `--pca` and `--whiten` as the option of the pipeline; empty where neither is asked for.
 * @throws {HeadstartError} `usage` for `--whiten` alone.
 */
export function pcaChoice(
  components: number | undefined,
  whiten = false,
): { pca?: { components: number; whiten: boolean } } {
  if (components !== undefined) return { pca: { components, whiten } };
  if (!whiten) return {};
  throw whitenAlone();
}

/** The `usage` error for `--whiten` without `--pca`. */
export function whitenAlone(): HeadstartError {
  return new HeadstartError("usage", "--whiten needs --pca", { hint: "For example: --pca 64 --whiten" });
}
