import type { WeightBits } from "../../backbones/quantize/quantize-text-graph.js";
import type { VariantManifest } from "../../backbones/quantize/variant-manifest.js";
import type { RunControl } from "./run-types.js";

export interface QuantizeOptions extends RunControl {
  /** Folder of the variant; default: `models/<id>-int8` in the working folder. The backbone's own folder adds to it. */
  readonly out?: string;
  /** Texts like those that will be embedded: a third of the rows calibrates, the others measure. Default: our sample. */
  readonly calibrate?: string;
  /** Labelled texts on which the loss in accuracy is measured; default: it is not. */
  readonly probe?: string;
  /** Column with the text, of both. */
  readonly text?: string;
  /** Column with the label, of `probe`. */
  readonly label?: string;
  /** Default 7: the same vectors on every processor. 8 is closer to fp32, and needs one that multiplies bytes (VNNI). */
  readonly weightBits?: WeightBits;
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Default: the processors that this process may use. */
  readonly threads?: number;
}

export interface QuantizeResult extends VariantManifest {
  /** A checkpoint's folder, of which `--precision int8` is this variant. */
  readonly folder: string;
  /** Of the variant, as `headstart embed` makes it. */
  readonly fingerprint: string;
  readonly warnings: readonly string[];
  readonly seconds: { readonly quantize: number; readonly measure: number; readonly probe: number };
}
