/** An ONNX model as plain data; what this project does not use is kept byte for byte in `unknown`. */
export interface Model {
  readonly irVersion: number;
  readonly producerName: string;
  /** Operator set versions by domain; `""` is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: Graph;
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly unknown: readonly Uint8Array[];
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Tensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly valueInfos: readonly ValueInfo[];
  readonly unknown: readonly Uint8Array[];
}

export interface Node {
  readonly name: string;
  readonly opType: string;
  /** `""` is `ai.onnx`. */
  readonly domain: string;
  /** Tensor names; `""` stands for an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly unknown: readonly Uint8Array[];
}

export type Attribute =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: number | bigint }
  | { readonly type: "string"; readonly value: Uint8Array }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "floats"; readonly value: Float32Array }
  | { readonly type: "ints"; readonly value: readonly (number | bigint)[] }
  | { readonly type: "strings"; readonly value: readonly Uint8Array[] }
  /** Kinds that this project never reads (sparse tensors, type protos, graph lists), with their number in the format. */
  | { readonly type: "other"; readonly id: number; readonly bytes: Uint8Array };

/** Element types, by their names in the ONNX specification, with their numbers. */
export const DATA_TYPES = {
  undefined: 0,
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
} as const;

export type DataType = keyof typeof DATA_TYPES;

export interface Tensor {
  readonly name: string;
  readonly dtype: DataType;
  readonly dims: readonly number[];
  readonly content: /** Little-endian elements, packed. */
    | { readonly kind: "raw"; readonly bytes: Uint8Array }
    | { readonly kind: "strings"; readonly values: readonly Uint8Array[] }
    /** Elements in another file beside the model: location, offset, length as written there. */
    | { readonly kind: "external"; readonly entries: Readonly<Record<string, string>> };
}

/** A graph's input, output or annotated tensor. A named dimension is a string; an unknown one is `"?"`. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DataType;
  /** `null` where the rank itself is unknown. */
  readonly shape: readonly (number | string)[] | null;
  /** The whole type, as bytes, where it is no tensor (sequence, map): kept as it came. */
  readonly otherType?: Uint8Array;
}
