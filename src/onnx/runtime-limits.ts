/** The newest model that the installed ONNX Runtime loads; a test asks the runtime itself. */
export const NEWEST = { irVersion: 13, opsets: { "": 26, "ai.onnx.ml": 5 } } as const;

/** Domains whose operators the runtime's CPU build has. */
export const RUNTIME_DOMAINS: ReadonlySet<string> = new Set([
  "",
  "ai.onnx.ml",
  "com.microsoft",
  "com.microsoft.nchwc",
  "com.ms.internal.nhwc",
  "ai.onnx.preview.training",
  "ai.onnx.preview",
  "org.pytorch.aten",
]);
