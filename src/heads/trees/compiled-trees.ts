import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../core/package-root.js";

/** The part of WebAssembly's interface that is used here; Node's types leave it out. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** An exported global. */
export interface WasmGlobal {
  readonly value: number;
}

/**
 * Compiles the module that the build made of assembly/, whether the sources or the build are running.
 * @returns its exports, with a memory of their own; null where it was not built, or this runtime has no WebAssembly
 *   with SIMD.
 */
export function compiledTrees<Exports>(): Exports | null {
  const host = (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly;
  if (host === undefined) return null;
  try {
    const bytes = readFileSync(join(packageRoot(), "dist/src/heads/trees/trees.wasm"));
    return new host.Instance(new host.Module(bytes)).exports as Exports;
  } catch {
    return null;
  }
}
