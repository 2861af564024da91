import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { ProbeLoss, VariantMeasures } from "../../backbones/quantize/variant-manifest.js";
import type { Matrix } from "../../linalg/matrix.js";
import { stopwatch } from "../stopwatch.js";
import type { QuantizeOptions } from "../types/quantize-types.js";
import { encodeSorted } from "./encode-sorted.js";
import { measureVariant } from "./measure-variant.js";
import { probeLoss } from "./probe-loss.js";

/** What came of comparing a variant with its source. */
export interface Measured {
  readonly measures: Omit<VariantMeasures, "input">;
  readonly probe: ProbeLoss | null;
  readonly seconds: { readonly measure: number; readonly probe: number };
}

/**
 * Opens a backbone and its int8 variant side by side and measures the difference.
 * @param held - token ids that did not calibrate. @param probe - labelled texts; null for none.
 * @throws {HeadstartError} as `measureVariant` and `probeLoss` do.
 */
export async function measureBoth(
  { source, variant }: { readonly source: Backbone; readonly variant: Backbone },
  held: readonly Int32Array[],
  probe: {
    readonly input: string;
    readonly texts: readonly string[];
    readonly labels: readonly string[];
  } | null,
  options: QuantizeOptions,
): Promise<Measured> {
  const { dim } = source.spec;
  const { threads, signal } = options;
  const session = threads === undefined ? {} : { threads };
  const watch = stopwatch();
  const fp32 = await source.open(session);
  try {
    const int8 = await variant.open(session);
    try {
      const measures = await measureVariant({ fp32, int8, dim }, held, signal);
      const measure = watch.lap();
      if (probe === null) return { measures, probe: null, seconds: { measure, probe: 0 } };
      const { preprocessor } = source;
      const ids =
        preprocessor.kind === "text" ? probe.texts.map((text) => preprocessor.encode(text).ids) : [];
      const vectors = (encoder: Encoder): Promise<Matrix<Float32Array>> =>
        encodeSorted(encoder, ids, dim, signal);
      const both = { fp32: await vectors(fp32), int8: await vectors(int8) };
      const loss = await probeLoss(both, probe.labels, options);
      return { measures, probe: { input: probe.input, ...loss }, seconds: { measure, probe: watch.lap() } };
    } finally {
      await int8.release();
    }
  } finally {
    await fp32.release();
  }
}
