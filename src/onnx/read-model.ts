import { type ErrorCode, HeadstartError } from "../core/errors.js";
import { checkModel } from "./check-model.js";
import { decodeModel } from "./decode-model.js";
import { foreignKind } from "./file-kind.js";
import type { Model } from "./model.js";

/**
 * Reads an ONNX model that somebody else may have written, and checks it as `checkModel` does.
 * @param bytes - the whole file; weights stay views on it.
 * @param file - how errors name it.
 * @param code - of the errors; `model` by default.
 * @throws {HeadstartError} naming the file: what it is instead (an HTML page, a Git LFS pointer, a PyTorch file ...),
 *   where it is damaged, or what is wrong with the model in it.
 */
export function readModel(bytes: Uint8Array, file: string, code: ErrorCode = "model"): Model {
  return checkModel(decoded(bytes, file, code), file, code);
}

function decoded(bytes: Uint8Array, file: string, code: ErrorCode): Model {
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (!(error instanceof HeadstartError)) throw error;
    const kind = foreignKind(bytes);
    if (kind !== null) {
      throw new HeadstartError(code, `${file} is no ONNX model: it is ${kind.what}`, {
        facts: { file, what: kind.what, bytes: bytes.length },
        hint: kind.hint,
        cause: error,
      });
    }
    throw new HeadstartError(code, `${file}: ${error.message}`, {
      facts: { file, ...error.facts },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}
