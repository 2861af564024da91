/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** The part of WebAssembly's interface that is used here; Node's types leave it out. */
interface WebAssemblyHost {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** A function without results. */
export interface WasmFunction {
  readonly name: string;
  /** Value types. */
  readonly parameters: readonly number[];
  /** Locals, instructions, end. */
  readonly body: readonly number[];
}

/**
 * A WebAssembly module of a few functions, and a memory of one page.
 * @returns its exports, the functions and `memory`; null where this runtime has no WebAssembly, or not its SIMD.
 */
export function wasmKernel(...functions: readonly WasmFunction[]): unknown {
  return wasmKernels(...functions)?.() ?? null;
}

/**
 * The same, compiled once for many memories: what the runtime has learnt of the functions serves all.
 * @returns gives the exports of another instance at each call.
 * @see WebAssembly Core Specification, chapter 5, for the binary format.
 */
export function wasmKernels(...functions: readonly WasmFunction[]): (() => unknown) | null {
  const host: WebAssemblyHost | undefined = Reflect.get(globalThis, "WebAssembly");
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, items: readonly number[][]): number[] => {
    const content = [...unsigned(items.length), ...items.flat()];
    return [id, ...unsigned(content.length), ...content];
  };
  const types = functions.map(({ parameters }) => [0x60, parameters.length, ...parameters, 0]);
  const exported = functions.map((one, index) => [...name(one.name), 0, index]);
  const bodies = functions.map(({ body }) => [...unsigned(body.length), ...body]);
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(
      3,
      functions.map((_, index) => [index]),
    ),
    ...section(5, [[0, 1]]),
    ...section(7, [...exported, [...name("memory"), 2, 0]]),
    ...section(10, bodies),
  ]);
  if (host === undefined || !host.validate(bytes)) return null;
  const module = new host.Module(bytes);
  return () => new host.Instance(module).exports;
}
