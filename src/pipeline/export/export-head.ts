import { readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Backbone, BackboneGraph, Modality } from "../../backbones/backbone.js";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { CLASSIFIER_KEY, SAMPLE_KEY } from "../../heads/head-record.js";
import type { LoadedHead } from "../../heads/load-head.js";
import type { SampleCheck } from "../../heads/sample/check-sample.js";
import { checkModel } from "../../onnx/check-model.js";
import { decodeModel } from "../../onnx/decode-model.js";
import { gatherWeights } from "../../onnx/gather-weights.js";
import { mergeGraphs } from "../../onnx/merge-graphs.js";
import type { Model } from "../../onnx/model.js";
import { openSession } from "../../onnx/session.js";
import { checkTarget } from "../check-target.js";
import { defined } from "../defined.js";
import { headsBackbone } from "../heads-backbone.js";
import { checkedSample, openHead } from "../load-head.js";
import { stopwatch } from "../stopwatch.js";
import type { GraphPort, InputOptions, RunControl } from "../types.js";
import { answerApart, answerFused, type SampleAnswers, sampleOf } from "./answer-sample.js";
import { type CheckedInput, checkContent } from "./check-content.js";
import { CLASSIFIER_FORMAT, type ClassifierRecord } from "./classifier-record.js";
import { compareAnswers } from "./compare-answers.js";
import { probabilityRange } from "./probability-range.js";
import { type ComparedContent, type SampleContent, sampleContent } from "./sample-content.js";
import { tokenizerMetadata } from "./tokenizer-metadata.js";

/** `text`, `image` and `audio` name the column of `check`, `where` its rows. */
export interface ExportOptions extends RunControl, Pick<InputOptions, "text" | "image" | "audio" | "where"> {
  /** A head's file. */
  readonly head: string;
  /** `.onnx`. */
  readonly out: string;
  /** Where the backbone lies, if the head's own record of it cannot be found. */
  readonly backbone?: string;
  /** Input whose first rows (200 at most) the file is tried on too, beside the sample that is stored in it. */
  readonly check?: string;
}

export interface ExportResult {
  readonly out: string;
  /** Large weights beside `out`, where one file would exceed 2 GiB; else null. */
  readonly dataFile: string | null;
  /** Of both files. */
  readonly bytes: number;
  readonly head: string;
  readonly backbone: string;
  readonly license: string | null;
  readonly modality: Modality;
  readonly opset: number;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly classes: readonly string[];
  /** What the file was tried on before it was kept; the difference is relative to max(1, |score|). */
  readonly sample: SampleCheck;
  /** How the head answered the training rows that are stored in it, before; null where there are none. */
  readonly headSample: SampleCheck | null;
  /** The same of the rows of `check`; null without it. */
  readonly check: {
    readonly input: string;
    readonly rows: number;
    /** Rows that were passed over, as they hold nothing that can be read. */
    readonly unreadable: number;
    readonly largestDifference: number;
  } | null;
  readonly seconds: { readonly load: number; readonly fuse: number; readonly verify: number };
}

/**
 * Joins a head to its backbone: one ONNX file from token ids, pixels or samples to label, scores and probabilities.
 * It is kept only if the head answers its own sample as it did when it was trained, and if the file answers as backbone
 * and head do apart, on a sample that is stored with it and on the rows of `check`. The head's sample, which is of training
 * rows, does not go into the file.
 * @throws {HeadstartError} `model` if the backbone is not found, if the graphs do not fit each other, or if answers
 *   differ; `fingerprint` if it is another backbone; `io`.
 * @example await exportHead({ head: "reviews.onnx", out: "reviews.classifier.onnx" })
 */
export async function exportHead(options: ExportOptions): Promise<ExportResult> {
  const watch = stopwatch();
  await checkTarget(options.out, [options.head], ".onnx");
  const head = await openHead(options.head);
  try {
    const headSample = await checkedSample(options.head, head);
    const control = defined({ onProgress: options.onProgress, signal: options.signal });
    const backbone = await headsBackbone(options.head, head, options.backbone, control);
    const graph = await backbone.graph();
    const sample = sampleContent(backbone, graph);
    const checked =
      options.check === undefined ? null : await checkContent(inputOf(options, options.check), backbone);
    const contents = [sample, ...(checked ? [checked] : [])];
    const apart = await answerApart(backbone, head, contents, options.signal);
    throwIfInterrupted(options.signal);
    const load = watch.lap();

    const fused = await fuse(options.head, { backbone, graph, sample, apart: apart[0]! });
    const { bytes, dataFile } = await gatherWeights(fused, graph.folder, `${options.out}_data`);
    throwIfInterrupted(options.signal);
    const fuseSeconds = watch.lap();
    try {
      const headBytes = await readFile(options.head);
      const parts = { head, graph, contents, apart };
      const [largest, ofRows = 0] = await verify(bytes, options.out, headBytes, parts, options.signal);
      await writeFileAtomic(options.out, bytes);
      const { origin, spec } = backbone;
      return {
        out: options.out,
        dataFile,
        bytes: bytes.length + (dataFile === null ? 0 : (await stat(dataFile)).size),
        head: head.meta.id,
        backbone: spec.id,
        license: origin.license,
        modality: spec.modality,
        opset: fused.opsets[""]!,
        inputs: fused.graph.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        outputs: fused.graph.outputs.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        classes: head.classes,
        sample: { rows: sample.rows, largestDifference: largest! },
        headSample,
        check: checked && {
          input: options.check!,
          rows: checked.rows,
          unreadable: checked.unreadable,
          largestDifference: ofRows,
        },
        seconds: { load, fuse: fuseSeconds, verify: watch.lap() },
      };
    } catch (error) {
      if (dataFile !== null) await rm(dataFile, { force: true });
      throw error;
    }
  } finally {
    await head.release();
  }
}

function inputOf({ text, image, audio, where }: ExportOptions, input: string): CheckedInput {
  return { input, ...defined({ text, image, audio, where }) };
}

async function fuse(
  path: string,
  {
    backbone,
    graph,
    sample,
    apart,
  }: {
    readonly backbone: Backbone;
    readonly graph: BackboneGraph;
    readonly sample: SampleContent;
    readonly apart: readonly SampleAnswers[];
  },
): Promise<Model> {
  const tail = decodeModel(await readFile(path));
  const merged = mergeGraphs(graph.model, tail, {
    output: graph.model.graph.outputs[0]!.name,
    input: "embedding",
    prefix: "head_",
  });
  const { preprocessor, spec, origin } = backbone;
  const record: ClassifierRecord = {
    format: CLASSIFIER_FORMAT,
    modality: spec.modality,
    opset: merged.opsets[""]!,
    padId: graph.shape.padId,
    maxTokens: preprocessor.kind === "text" ? preprocessor.maxTokens : null,
    readsMask: graph.shape.readsMask,
    license: origin.license,
    source: origin.source,
    sample: sampleOf(sample, apart),
  };
  const { [SAMPLE_KEY]: _trainingRows, ...ofHead } = tail.metadata;
  const metadata = {
    ...ofHead,
    [CLASSIFIER_KEY]: JSON.stringify(record),
    ...(preprocessor.kind === "text" && (await tokenizerMetadata(origin.folder))),
  };
  return checkModel({ ...merged, metadata }, "The fused graph");
}

/** @returns the largest difference in each of the contents. */
async function verify(
  bytes: Uint8Array,
  out: string,
  headBytes: Uint8Array,
  {
    head,
    graph,
    contents,
    apart,
  }: {
    readonly head: LoadedHead;
    readonly graph: BackboneGraph;
    readonly contents: readonly ComparedContent[];
    readonly apart: readonly (readonly SampleAnswers[])[];
  },
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const session = await openSession(bytes, { weights: dirname(out) }).catch((cause: unknown) => {
    if (!(cause instanceof HeadstartError)) throw cause;
    throw new HeadstartError("model", `The head cannot be joined to this backbone: ${cause.message}`, {
      hint: "Export the backbone with opset 17: optimum-cli export onnx --opset 17 …",
      cause,
    });
  });
  try {
    const fused = await answerFused(session, graph.shape, head.classes, contents, signal);
    const range = await probabilityRange(headBytes, head);
    try {
      const differences: number[] = [];
      for (const [which, content] of contents.entries()) {
        let largest = 0;
        for (const [i, { rows, answers }] of apart[which]!.entries()) {
          const other = fused[which]![i]!.answers;
          const allowed = range && (await range.of(answers.scores, other.scores));
          const nameOf = (row: number): string => content.nameOf(rows[row]!);
          largest = Math.max(largest, compareAnswers(answers, other, allowed, nameOf));
        }
        differences.push(largest);
      }
      return differences;
    } finally {
      await range?.release();
    }
  } finally {
    await session.release();
  }
}
