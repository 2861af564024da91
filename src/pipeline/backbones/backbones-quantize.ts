import { existsSync } from "node:fs";
import { rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Backbone } from "../../backbones/backbone.js";
import { openCheckpoint } from "../../backbones/open-checkpoint.js";
import { quantizeTextGraph } from "../../backbones/quantize/quantize-text-graph.js";
import { stageVariant, VARIANT_GRAPH, VARIANT_MANIFEST } from "../../backbones/quantize/stage-variant.js";
import type { VariantManifest } from "../../backbones/quantize/variant-manifest.js";
import { type VariantTarget, variantTarget } from "../../backbones/quantize/variant-target.js";
import { resolveBackbone } from "../../backbones/resolve-backbone.js";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { canonicalJson, sha256 } from "../../core/hash.js";
import { makeFolder } from "../../core/make-folder.js";
import { packageRoot } from "../../core/package-root.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { defined } from "../defined.js";
import { type Measured, measureBoth } from "../quantize/measure-both.js";
import { readTexts } from "../quantize/read-texts.js";
import { stopwatch } from "../stopwatch.js";
import type { QuantizeOptions, QuantizeResult } from "../types/quantize-types.js";

/** Rows of `calibrate` that are read, every third of which calibrates. */
const MOST_ROWS = 768;
const LEAST_ROWS = 30;
const CALIBRATION_ROWS = 128;
/** Rows of `probe` that are read. */
const MOST_PROBE_ROWS = 4000;
/** The mean cosine below which a variant is no stand-in for its source. */
const GOOD_COSINE = 0.995;

/**
 * Makes a local int8 variant of a text backbone, and measures what it is worth: cosine to fp32 on texts that had no part
 * in making it, speed, and, where labelled data is given, what a linear head loses. A variant that comes out poor is
 * written all the same, with a warning.
 * @param id - an embedded backbone, a folder or a Hub id, with its fp32 weights.
 * @throws {HeadstartError} `usage` for a backbone that reads no text or is no fp32, or for a target that is taken; `data`
 *   for too few texts; `model` for a graph that cannot be rounded; `io`; `interrupted`. Nothing is left behind then.
 * @example await quantizeBackbone("./my-bert", { calibrate: "reviews.csv", probe: "reviews.csv" })
 */
export async function quantizeBackbone(id: string, options: QuantizeOptions = {}): Promise<QuantizeResult> {
  const { onProgress, signal, threads, revision, weightBits = 7 } = options;
  const watch = stopwatch();
  const which = defined({ revision, onProgress, signal });
  const { checkpoint, file } = await openCheckpoint(id, { ...which, modality: "text" }).catch(
    (thrown: unknown) => {
      throw lacksFp32(thrown) ? quantizedAlready(id, thrown) : thrown;
    },
  );
  if (checkpoint.modality !== "text") throw refusedModality(id, checkpoint.modality);
  const source = await resolveBackbone(id, { ...which, modality: "text" });
  checkWide(source);
  const target = await variantTarget(id, checkpoint.folder, options.out);
  const calibrate = options.calibrate ?? sampleTexts();
  const { calibration, held } = await splitTexts(calibrate, options.calibrate === undefined ? {} : options);
  const probe = options.probe === undefined ? null : await readProbe(options.probe, options);
  const { model, layers } = await quantizeTextGraph(source, file, encoded(source, calibration), {
    weightBits,
    ...defined({ threads, onProgress, signal }),
  });
  const graph = encodeModel(model);
  const staged = join(dirname(target.folder), `.${basename(target.folder)}.${process.pid}.tmp`);
  try {
    await stageVariant(staged, checkpoint.folder, graph);
    const variant = await resolveBackbone(staged, { precision: "int8", modality: "text" });
    checkSameReading(source, variant);
    const seconds = watch.lap();
    const measured: Measured = await measureBoth({ source, variant }, encoded(source, held), probe, options);
    const manifest: VariantManifest = {
      format: 1,
      method: "row-int8.v1",
      weightBits,
      source: {
        id: source.spec.id,
        revision: source.spec.revision,
        weightsDigest: source.spec.weightsDigest,
        fingerprint: source.fingerprint,
        bytes: file.size,
      },
      weights: { file: VARIANT_GRAPH, sha256: variant.spec.weightsDigest, bytes: graph.length },
      layers,
      calibration: {
        input: calibrate,
        rows: calibration.length,
        digest: sha256(canonicalJson(calibration)),
      },
      measured: { input: calibrate, ...measured.measures },
      probe: measured.probe,
    };
    await place(staged, target, manifest, graph);
    return {
      ...manifest,
      folder: target.folder,
      fingerprint: variant.fingerprint,
      warnings: warningsOf(manifest),
      seconds: { quantize: seconds, ...measured.seconds },
    };
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

function refusedModality(id: string, modality: string): HeadstartError {
  const reads = modality === "image" ? "images" : "sounds";
  return new HeadstartError(
    "usage",
    `'${id}' reads ${reads}; int8 variants are made of text backbones only`,
    {
      facts: { id, modality },
      hint:
        "Rounded convolutions were tried: EfficientNet-Lite0 keeps a mean cosine of 0.994 to fp32, 0.98 at the worst, below " +
        "the 0.995 that a variant must reach. Use its fp32 weights.",
    },
  );
}

/** Whether a checkpoint has graphs, but none in fp32. */
function lacksFp32(thrown: unknown): thrown is HeadstartError {
  if (!(thrown instanceof HeadstartError)) return false;
  const { precision, graphs } = thrown.facts;
  return precision === "fp32" && Array.isArray(graphs) && graphs.length > 0;
}

function quantizedAlready(id: string, cause: HeadstartError): HeadstartError {
  const graphs = cause.facts.graphs as readonly string[];
  return new HeadstartError("usage", `'${id}' has no fp32 graph to quantise, only ${graphs.join(", ")}`, {
    facts: { id, graphs },
    hint: "A variant is made of fp32 weights: name a checkpoint that has them as onnx/model.onnx.",
    cause,
  });
}

function checkWide({ spec: { id, precision } }: Backbone): void {
  if (precision === "fp32") return;
  throw new HeadstartError("usage", `'${id}' is ${precision} already`, {
    facts: { id, precision },
    hint: "A variant is made of fp32 weights: name a checkpoint that has them as onnx/model.onnx.",
  });
}

/** The reviews that come with the source. */
function sampleTexts(): string {
  const path = join(packageRoot(), "data", "sentiment", "reviews.csv");
  if (existsSync(path)) return path;
  throw new HeadstartError(
    "usage",
    "There are no texts to calibrate on: this installation has no sample data",
    {
      facts: { path },
      hint: "Give some like those that will be embedded: --calibrate reviews.csv",
    },
  );
}

async function splitTexts(
  input: string,
  options: { readonly text?: string },
): Promise<{ calibration: readonly string[]; held: readonly string[] }> {
  const { texts } = await readTexts(input, { ...defined({ text: options.text }), most: MOST_ROWS });
  if (texts.length < LEAST_ROWS) {
    throw new HeadstartError(
      "data",
      `${input} has ${texts.length} distinct texts; calibrating needs ${LEAST_ROWS}`,
      {
        facts: { input, texts: texts.length, needed: LEAST_ROWS },
        hint: "Give more texts like those that will be embedded, by --calibrate.",
      },
    );
  }
  const calibration = texts.filter((_, i) => i % 3 === 0).slice(0, CALIBRATION_ROWS);
  return { calibration, held: texts.filter((_, i) => i % 3 !== 0) };
}

async function readProbe(
  input: string,
  { text, label }: QuantizeOptions,
): Promise<{ input: string; texts: readonly string[]; labels: readonly string[] }> {
  const { texts, labels } = await readTexts(input, { ...defined({ text, label }), most: MOST_PROBE_ROWS });
  const rows = texts.flatMap((one, i) => (labels[i] === null ? [] : [{ text: one, label: labels[i]! }]));
  if (new Set(rows.map((row) => row.label)).size < 2) {
    throw new HeadstartError("data", `${input} has no labels of two classes to probe with`, {
      facts: { input, rows: rows.length },
      hint: "Name the column by --label, or leave --probe out.",
    });
  }
  return { input, texts: rows.map((row) => row.text), labels: rows.map((row) => row.label) };
}

function encoded({ preprocessor }: Backbone, texts: readonly string[]): Int32Array[] {
  if (preprocessor.kind !== "text") return [];
  return texts.map((text) => preprocessor.encode(text).ids);
}

/** The copied files must mean what they meant in their place. */
function checkSameReading(source: Backbone, variant: Backbone): void {
  const reading = ({ spec: { dim, preprocessing } }: Backbone): string =>
    canonicalJson({ dim, preprocessing });
  if (reading(source) === reading(variant)) return;
  throw new HeadstartError("model", `A copy of '${source.spec.id}' is not read as the original is`, {
    facts: { source: source.spec.preprocessing, copy: variant.spec.preprocessing },
    hint: "Copy the checkpoint's folder by hand, and quantise the copy with -o <the copy>.",
  });
}

async function place(
  staged: string,
  { folder, beside }: VariantTarget,
  manifest: VariantManifest,
  graph: Uint8Array,
): Promise<void> {
  const json = `${JSON.stringify(manifest, null, 2)}\n`;
  if (beside) {
    await writeFileAtomic(join(folder, VARIANT_MANIFEST), json);
    await writeFileAtomic(join(folder, VARIANT_GRAPH), graph);
    return;
  }
  await writeFileAtomic(join(staged, VARIANT_MANIFEST), json);
  try {
    await makeFolder(dirname(folder));
    // An empty folder may stand there; not every system renames onto one.
    await rmdir(folder).catch(() => undefined);
    await rename(staged, folder);
  } catch (cause) {
    throw new HeadstartError("io", `Cannot write ${folder}: ${messageOf(cause)}`, {
      facts: { folder },
      hint: "Write to another folder with -o.",
      cause,
    });
  }
}

function warningsOf({ measured, probe, calibration }: VariantManifest): string[] {
  const warnings: string[] = [];
  if (measured.cosineMean < GOOD_COSINE) {
    warnings.push(
      `the mean cosine to fp32 is ${measured.cosineMean.toFixed(4)}, below ${GOOD_COSINE}: not a stand-in for fp32; ` +
        "try --weight-bits 8, or texts closer to your own by --calibrate",
    );
  }
  if (measured.speedRatio < 1) {
    warnings.push(`it is slower than fp32 here (${measured.speedRatio.toFixed(2)} times its speed)`);
  }
  if (probe !== null && probe.input === calibration.input) {
    warnings.push("some of the probe's rows calibrated: without their labels, but they are no fresh ones");
  }
  return warnings;
}
