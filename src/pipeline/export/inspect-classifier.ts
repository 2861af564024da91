import { HeadstartError } from "../../core/errors.js";
import { CLASSIFIER_KEY, readHeadMetadata } from "../../heads/head-record.js";
import type { ValueInfo } from "../../onnx/model.js";
import { openGraphFile } from "../../onnx/open-graph-file.js";
import type { GraphPort, InspectResult } from "../types.js";
import { readClassifierRecord, TOKENIZER_KEY } from "./classifier-record.js";

/**
 * What a fused classifier holds; null for an ONNX file that is none.
 * @throws {HeadstartError} `format` if its metadata is damaged.
 */
export async function inspectClassifier(
  path: string,
): Promise<Extract<InspectResult, { kind: "classifier" }> | null> {
  const file = await openGraphFile(path, null).catch((error: unknown) => {
    if (error instanceof HeadstartError) return null;
    throw error;
  });
  if (file === null) return null;
  const { metadata, graph } = file.model;
  const text = metadata[CLASSIFIER_KEY];
  if (text === undefined) return null;
  const { record, backbone, fingerprint } = readHeadMetadata(metadata);
  return {
    kind: "classifier",
    path,
    bytes: file.size,
    head: record,
    backbone: backbone && { ...backbone },
    fingerprint,
    classifier: readClassifierRecord(text),
    inputs: graph.inputs.map(portOf),
    outputs: graph.outputs.map(portOf),
    tokenizer: TOKENIZER_KEY in metadata,
  };
}

const portOf = ({ name, dtype, shape }: ValueInfo): GraphPort => ({ name, dtype, shape });
