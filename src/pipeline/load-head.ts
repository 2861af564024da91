import { readFile } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import { type LoadedHead, loadHead } from "../heads/head-onnx.js";
import type { SampleCheck } from "../heads/sample/check-sample.js";
import type { SessionOptions } from "../onnx/session.js";
import { backboneDifferences } from "./backbone-differences.js";
import { beginsLikeHead } from "./begins-like-head.js";

/**
 * Opens a head file.
 * @throws {HeadstartError} `io` if it cannot be read, `format` naming the file if it is no head.
 */
export async function openHead(
  path: string,
  options: Pick<SessionOptions, "threads"> = {},
): Promise<LoadedHead> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const message = missing
      ? `There is no head ${path}`
      : `Cannot read the head ${path}: ${messageOf(cause)}`;
    throw new HeadstartError("io", message, {
      facts: { path },
      hint: "Train one: headstart train embeddings.arrow -o head.onnx",
      cause,
    });
  }
  const start = Buffer.from(bytes.subarray(0, 6)).toString("latin1");
  if (bytes.length > 0 && !beginsLikeHead(start)) {
    const arrow = start === "ARROW1";
    throw new HeadstartError("format", `${path} is ${arrow ? "an embeddings file, not" : "not"} a head`, {
      facts: { path },
      hint: "The head, an .onnx file that headstart train wrote, comes first; then the embeddings or the input.",
    });
  }
  return loadHead(bytes, options).catch(namingFile(path));
}

/**
 * A head's answers to its sample, compared with those of the model that it was written from.
 * @returns null for a head without a sample.
 * @throws {HeadstartError} `model` naming the file and the row that differs; `format` if the sample is damaged.
 */
export function checkedSample(path: string, head: LoadedHead): Promise<SampleCheck | null> {
  return head.checkSample().catch(namingFile(path));
}

function namingFile(path: string): (thrown: unknown) => never {
  return (cause) => {
    if (!(cause instanceof HeadstartError)) throw cause;
    throw new HeadstartError(cause.code, `${path}: ${cause.message}`, {
      facts: { ...cause.facts, path },
      ...(cause.hint !== undefined && { hint: cause.hint }),
      cause,
    });
  };
}

/** A file that remembers a backbone, as errors name it. */
interface OfBackbone {
  readonly path: string;
  readonly fingerprint: string;
  readonly backbone: string;
}

/**
 * @param specs - what both remember of their backbones, where that is known: the error tells what differs.
 * @throws {HeadstartError} `fingerprint` naming both, unless the embeddings come from the head's backbone.
 */
export function checkFingerprint(
  head: OfBackbone,
  embeddings: OfBackbone,
  specs: readonly [object | null, object] | null = null,
): void {
  if (head.fingerprint === embeddings.fingerprint) return;
  const differ = specs?.[0] ? backboneDifferences(specs[0], specs[1]) : [];
  throw new HeadstartError(
    "fingerprint",
    `${head.path} was trained on '${head.backbone}' (${head.fingerprint.slice(0, 12)}), ${embeddings.path} was made with '${embeddings.backbone}' (${embeddings.fingerprint.slice(0, 12)})`,
    {
      facts: { head, embeddings, differ },
      hint: `${differ.length > 0 ? `They differ in ${differ.join(", ")}. ` : ""}Embed with the head's backbone and the same pooling and preprocessing, or train a head on these embeddings.`,
    },
  );
}

/** A head as errors name it. */
export function nameOf(path: string, head: LoadedHead): OfBackbone {
  return { path, fingerprint: head.fingerprint, backbone: head.meta.backbone?.id ?? "unknown" };
}
