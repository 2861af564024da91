export { cutGraph } from "./cut-graph.js";
export { decodeModel } from "./decode-model.js";
export { encodeModel } from "./encode-model.js";
export { externalTensor } from "./external-data.js";
export { type AttributeValue, type GraphBuilder, graphBuilder, type TensorName } from "./graph-builder.js";
export type { Attribute, DataType, Graph, Model, Node, Tensor, ValueInfo } from "./model.js";
export {
  type Device,
  type Feed,
  openSession,
  type RunOutput,
  type Session,
  type SessionOptions,
  supportedDevices,
} from "./session.js";
