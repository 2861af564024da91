import { z } from "zod";
import { parseOptions } from "../parse-options.js";

const amount = z
  .number()
  .positive()
  .refine(
    (value) => value < 1 || Number.isInteger(value),
    "a whole number of components, or a share below 1",
  );

const pcaOptions = z.strictObject({
  components: amount.describe(
    "How many components, or below 1 the share of the variance that they must hold",
  ),
  whiten: z.boolean().default(false).describe("Scale each component to variance 1"),
});

export type PcaOptions = z.output<typeof pcaOptions>;

/** A number of components (or a share of the variance), or that and whether to whiten. */
export type PcaChoice = number | { readonly components: number; readonly whiten?: boolean | undefined };

/** @throws {HeadstartError} `usage` for what is no whole number from 1, nor a share between 0 and 1. */
export function parsePca(choice: PcaChoice): PcaOptions {
  return parseOptions("pca", pcaOptions, typeof choice === "number" ? { components: choice } : choice);
}
