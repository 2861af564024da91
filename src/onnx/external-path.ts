import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { elementCount, storedBytes } from "./element-count.js";
import type { Tensor } from "./model.js";

/** A part of a file that lies beside a model. */
export interface ExternalRange {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Of the first byte. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/**
 * The file that an external tensor's `location` names, if it is a regular file inside the model's folder. A link may
 * leave the folder only where the folder is a snapshot in Hugging Face's cache, and only to that repository's blobs.
 * @param folder - the folder of the `.onnx` file as the user gave it, itself perhaps a link.
 * @returns the absolute path, links resolved.
 * @throws {HeadstartError} `model` for an absolute path, `..`, a backslash, a drive letter, a link that leaves, a missing
 *   file, or one that is no regular file.
 */
export function externalPath(folder: string, location: string): string {
  if (!isPlainRelative(location)) {
    throw refused(location, folder, `'${location}' is no plain relative path`);
  }
  let path: string;
  let root: string;
  try {
    root = realpathSync(folder);
    path = realpathSync(join(root, location));
  } catch (cause) {
    throw new HeadstartError(
      "model",
      `The model's weights in '${location}' cannot be read: ${messageOf(cause)}`,
      {
        facts: { folder, location },
        hint: "Copy that file too, beside the .onnx file.",
        cause,
      },
    );
  }
  if (!isWithin(root, path) && !isBlobOf(root, path)) {
    throw refused(location, folder, `'${location}' is a link to ${path}`);
  }
  if (!statSync(path).isFile()) throw refused(location, folder, `'${location}' is no regular file`);
  return path;
}

/**
 * Where the elements of an external tensor lie, checked against its type, its dimensions and the file's size.
 * Tensors may share bytes.
 * @throws {HeadstartError} `model` as `externalPath` does, or naming the tensor whose range does not fit.
 */
export function externalRange(folder: string, tensor: Tensor): ExternalRange {
  const { content, name } = tensor;
  if (content.kind !== "external")
    throw new HeadstartError("model", `Tensor '${name}' lies in no other file`);
  const { location = "", offset = "0", length } = content.entries;
  const path = externalPath(folder, location);
  const wanted = storedBytes(tensor.dtype, elementCount(tensor));
  const start = wholeNumber(offset);
  const bytes = length === undefined ? wanted : wholeNumber(length);
  const size = statSync(path).size;
  if (wanted === null || start === null || bytes !== wanted || start + wanted > size) {
    throw new HeadstartError(
      "model",
      `Tensor '${name}' (${tensor.dtype} [${tensor.dims.join(", ")}]) does not fit '${location}': ` +
        `offset ${offset}, length ${length ?? "not given"}, ${size} bytes in the file`,
      {
        facts: {
          tensor: name,
          location,
          offset,
          length: length ?? null,
          fileBytes: size,
          expectedBytes: wanted,
        },
        hint: "The .onnx file and its data file belong together: fetch or export both again.",
      },
    );
  }
  return { path, offset: start, length: wanted };
}

function isPlainRelative(location: string): boolean {
  // A colon is a drive letter or a stream of another file on Windows.
  if (location === "" || /[\\:\0]/.test(location) || location.startsWith("/")) return false;
  const parts = location.split("/");
  return !parts.includes("..") && !parts.includes("");
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Hugging Face's cache: `<repository>/snapshots/<revision>/…` holds links to `<repository>/blobs/<digest>`. */
function isBlobOf(root: string, path: string): boolean {
  for (let at = root; dirname(at) !== at; at = dirname(at)) {
    if (basename(dirname(at)) === "snapshots") {
      return dirname(path) === resolve(at, "..", "..", "blobs");
    }
  }
  return false;
}

function wholeNumber(text: string): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function refused(location: string, folder: string, what: string): HeadstartError {
  return new HeadstartError("model", `The model's weights lie outside of its folder: ${what}`, {
    facts: { folder, location },
    hint: "Save the model as one file: onnx.save(onnx.load('model.onnx'), 'whole.onnx')",
  });
}
