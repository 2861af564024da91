import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../core/atomic-file.js";
import { HeadstartError, messageOf } from "../core/errors.js";
import { readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { headToOnnx, verifyHead } from "../heads/head-onnx.js";
import { importMljs } from "../heads/import-mljs.js";
import { selectRows } from "../linalg/matrix.js";
import { checkTarget } from "./check-target.js";

export interface ImportHeadOptions {
  /** JSON of ml-svm or ml-random-forest. */
  readonly model: string;
  /** `.onnx`. */
  readonly out: string;
  /** Of the backbone whose vectors the model was trained on: the head remembers it, and is tried on its rows. */
  readonly embeddings: string;
  /** Labels in the order of the model's numbers; of an SVM, that of -1 first. Default: the numbers. */
  readonly classes?: readonly string[];
}

export interface ImportHeadResult {
  readonly out: string;
  readonly head: string;
  readonly classes: readonly string[];
  readonly dim: number;
  readonly backbone: string;
  /** Rows on which file and package were found to give the same scores and labels. */
  readonly verifiedRows: number;
}

const VERIFIED_ROWS = 256;

/**
 * Turns a model of ml-svm or ml-random-forest into a head file, kept only if it answers as the package does.
 * @throws {HeadstartError} `data` if the JSON is no such model or does not fit the embeddings; `model` if answers differ.
 * @example await importHead({ model: "svm.json", embeddings: "x.arrow", out: "head.onnx", classes: ["no", "yes"] })
 */
export async function importHead(options: ImportHeadOptions): Promise<ImportHeadResult> {
  const { model, out, embeddings: path, classes } = options;
  await checkTarget(out, [model, path], ".onnx");
  const json = await parse(model);
  const { X, meta } = await readEmbeddings(path, { kept: [] });
  const head = importMljs(json, { dim: X.cols, ...(classes && { classes }) });
  const { fingerprint, backbone } = meta;
  const bytes = headToOnnx(head, { fingerprint, backbone, metrics: null });
  const count = Math.min(X.rows, VERIFIED_ROWS);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * X.rows) / count));
  await verifyHead(head, bytes, selectRows(X, rows));
  await writeFileAtomic(out, bytes);
  return {
    out,
    head: head.classifier.id,
    classes: head.classes,
    dim: X.cols,
    backbone: backbone.id,
    verifiedRows: count,
  };
}

async function parse(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new HeadstartError("data", `Cannot read ${path} as JSON: ${messageOf(cause)}`, {
      facts: { path },
      hint: "Write it with: fs.writeFileSync(path, JSON.stringify(model))",
      cause,
    });
  }
}
