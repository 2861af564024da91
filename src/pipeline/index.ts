export { audit } from "./audit.js";
export {
  type ListedBackbone,
  listBackbones,
  type ShownBackbone,
  showBackbone,
} from "./backbones/backbones.js";
export { type CheckResult, checkBackbone } from "./backbones/backbones-check.js";
export { type PullResult, pullBackbone } from "./backbones/backbones-pull.js";
export { quantizeBackbone } from "./backbones/backbones-quantize.js";
export { type RemoveResult, removeBackbone } from "./backbones/backbones-remove.js";
export { type VerifyResult, verifyBackbone } from "./backbones/backbones-verify.js";
export {
  type CachePruneOptions,
  type CachePruneResult,
  type CacheStats,
  cachePrune,
  cacheStats,
} from "./cache.js";
export { compare } from "./compare.js";
export { convert } from "./convert/convert.js";
export { type DoctorReport, doctor } from "./doctor/doctor.js";
export { embed } from "./embed.js";
export { evaluate } from "./evaluate.js";
export { type ExportOptions, type ExportResult, exportHead } from "./export/export-head.js";
export { type ImportHeadOptions, type ImportHeadResult, importHead } from "./import-head.js";
export { inspect } from "./inspect.js";
export { merge } from "./merge.js";
export { openClassifier } from "./open-classifier.js";
export { predict } from "./predict.js";
export { type PipelineResult, runPipeline } from "./run-pipeline.js";
export { search } from "./search/search.js";
export { train } from "./train/train.js";
export type * from "./types/audit-types.js";
export type * from "./types/search-types.js";
export type * from "./types.js";
export { loadPipeline } from "./yaml/load-pipeline.js";
export { type PipelinePlan, planPipeline } from "./yaml/plan-pipeline.js";
export type { Pipeline } from "./yaml/schema.js";
