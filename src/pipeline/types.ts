export type * from "./compare-types.js";
export type * from "./embed-types.js";
export type * from "./evaluate-types.js";
export type * from "./group-types.js";
export type * from "./inspect-types.js";
export type * from "./predict-types.js";
export type * from "./run-types.js";
export type * from "./train-types.js";
