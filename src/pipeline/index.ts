export { listBackbones, showBackbone } from "./backbones.js";
export { embed } from "./embed.js";
export { evaluate } from "./evaluate.js";
export { inspect } from "./inspect.js";
export { predict } from "./predict.js";
export { train } from "./train.js";
export type * from "./types.js";
