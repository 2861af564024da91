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

/**
 * A WebAssembly module of one function without results, and a memory of one page.
 * @param kernel - the function's `name`, its parameters' value types, and its body: locals, instructions, end.
 * @returns its exports, the function and `memory`; null where this runtime has no WebAssembly, or not its SIMD.
 * @see WebAssembly Core Specification, chapter 5, for the binary format.
 */
export function wasmKernel(kernel: {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly body: readonly number[];
}): unknown {
  const host: WebAssemblyHost | undefined = Reflect.get(globalThis, "WebAssembly");
  const { parameters, body } = kernel;
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];
  const bytes = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name(kernel.name), 0, 0, ...name("memory"), 2, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
  return host?.validate(bytes) ? new host.Instance(new host.Module(bytes)).exports : null;
}
