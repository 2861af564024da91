import type { Backbone } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import { openDataset } from "../../data/open-dataset.js";
import type { Content } from "../../data/row.js";
import { checkModality, inputOptions } from "../embed.js";
import { isEmbeddingsFile } from "../is-embeddings-file.js";
import type { InputOptions } from "../types.js";
import type { ComparedContent } from "./sample-content.js";

/** Most rows that a fused file is tried on. */
export const MOST_CHECKED = 200;
/** Rows that are run together, whatever their lengths: so that padding is tried too. */
const BATCH = 8;

/** Where the rows to check come from. */
export interface CheckedInput extends Pick<InputOptions, "text" | "image" | "audio" | "where"> {
  readonly input: string;
}

/** The first rows of an input, prepared. */
export interface CheckContent extends ComparedContent {
  /** Rows that were passed over, as they hold nothing that can be read. */
  readonly unreadable: number;
}

/**
 * Reads the first rows of an input (200 at most), as `predict` would, to try a fused file on.
 * @throws {HeadstartError} `usage` for an embeddings file, which holds no contents, and for what the backbone does not read;
 *   `data` if no row can be read; as `openDataset`.
 */
export async function checkContent(
  { input, ...options }: CheckedInput,
  { preprocessor, spec }: Backbone,
): Promise<CheckContent> {
  if (await isEmbeddingsFile(input)) {
    throw new HeadstartError("usage", `${input} holds vectors; a fused file reads what they were made from`, {
      facts: { input },
      hint: "Give the file that was embedded, or another with such rows.",
    });
  }
  const wanted = { ...inputOptions(options), label: "", split: "" };
  const dataset = await openDataset(input, { ...wanted, modality: preprocessor.kind }).catch(() =>
    openDataset(input, wanted),
  );
  checkModality(dataset, spec, `Check it on rows that the backbone reads: ${preprocessor.kind}.`);
  const prepare = preparing(preprocessor);
  const names: string[] = [];
  const prepared: Prepared[] = [];
  let unreadable = 0;
  for await (const row of dataset.rows()) {
    const ready = row.state === "row" ? await prepare(row.content).catch(passOver) : null;
    if (ready === null) {
      unreadable++;
      continue;
    }
    prepared.push(ready);
    names.push(row.id);
    if (prepared.length === MOST_CHECKED) break;
  }
  if (prepared.length === 0) {
    throw new HeadstartError("data", `${input} has no row to check the fused file on`, {
      facts: { input, unreadable },
      hint: "Give rows that the backbone reads, or leave --check out.",
    });
  }
  const batches: number[][] = [];
  prepared.forEach((_, row) => {
    if (row % BATCH === 0) batches.push([]);
    batches.at(-1)!.push(row);
  });
  return {
    rows: prepared.length,
    unreadable,
    batches,
    nameOf: (row) => `row '${names[row]}' of ${input}`,
    encode(encoder, rows) {
      const batch = rows.map((row) => prepared[row]!);
      if (preprocessor.kind === "text") return encoder.encodeTexts(batch as Int32Array[]);
      const media = batch as Float32Array[];
      return preprocessor.kind === "image" ? encoder.encodeImages(media) : encoder.encodeAudio(media);
    },
  };
}

type Prepared = Int32Array | Float32Array;

/** Turns a row's content into what the backbone's graph takes; null for content of another kind. */
function preparing(preprocessor: Backbone["preprocessor"]): (content: Content) => Promise<Prepared | null> {
  return async (content) => {
    if (content.kind !== preprocessor.kind) return null;
    if (preprocessor.kind === "text")
      return content.kind === "text" ? preprocessor.encode(content.text).ids : null;
    if (content.kind === "text") return null;
    const media = "path" in content ? content.path : content.bytes;
    if (preprocessor.kind === "image") return preprocessor.prepare(media);
    return (await preprocessor.prepare(media)).input;
  };
}

/** What cannot be read is no matter of the fused graph. */
function passOver(thrown: unknown): null {
  if (thrown instanceof HeadstartError) return null;
  throw thrown;
}
