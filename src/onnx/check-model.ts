import type { ErrorCode } from "../core/errors.js";
import { checkFunctions } from "./check-functions.js";
import { checkedNames } from "./check-names.js";
import { checkNodeTensors, checkTensors } from "./check-tensors.js";
import { checkVersions } from "./check-versions.js";
import { decodeFunctions } from "./decode-function.js";
import { fieldsNumbered } from "./decode-hidden.js";
import type { Model } from "./model.js";
import { refusal } from "./refusal.js";

/**
 * Finds what is wrong with a model before a runtime sees it: versions and operators that the runtime does not have,
 * tensors that do not hold what they declare, names that are made twice or never, cycles, functions without end, parts
 * for training.
 * @param file - how errors name the model.
 * @param code - of the errors; `model` by default.
 * @returns the model, its nodes in an order in which they can run; the same nodes where they were already.
 * @throws {HeadstartError} naming file, node or tensor, and the remedy.
 */
export function checkModel(model: Model, file: string, code: ErrorCode = "model"): Model {
  const refuse = refusal(file, code);
  const functions = decodeFunctions(model);
  checkVersions(model, functions, refuse);
  if (fieldsNumbered(model.unknown, 20).length > 0) {
    throw refuse("is a model for training", "Export it for inference, without training_info.");
  }
  checkFunctions(model, functions, refuse);
  checkTensors(model.graph, refuse);
  for (const { nodes } of functions) checkNodeTensors(nodes, new Map(), refuse);
  return { ...model, graph: checkedNames(model.graph, new Set(), refuse) };
}
