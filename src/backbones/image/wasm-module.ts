import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../core/package-root.js";

/** What assembly/resample.ts exports; every address is a byte offset in the memory. */
export interface ResampleExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  columns(
    source: number,
    sourceStride: number,
    out: number,
    outStride: number,
    width: number,
    first: number,
    groups: number,
    weights: number,
  ): void;
  row(
    ring: number,
    stride: number,
    capacity: number,
    first: number,
    pairs: number,
    weights: number,
    out: number,
    bytes: number,
  ): void;
  planes(pixels: number, width: number, tables: number, out: number, plane: number): void;
}

/** The part of WebAssembly's interface that is used here; Node's types leave it out. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** Where the build puts the module, whether the sources or the build are running. */
export function resampleModulePath(): string {
  return join(packageRoot(), "dist/src/backbones/image/resample.wasm");
}

/** Compiles the module; null where it was not built, or this machine has no WebAssembly with SIMD. */
export function resampleInstances(path: string): (() => ResampleExports) | null {
  const host = (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly;
  if (host === undefined) return null;
  try {
    const module = new host.Module(readFileSync(path));
    return () => new host.Instance(module).exports as ResampleExports;
  } catch {
    return null;
  }
}
