import { axisWeights } from "./axis-weights.js";
import type { ResampleFilterName } from "./resample-filter.js";
import type { Resampler } from "./resampler.js";
import type { ImageSize, ImageWindow, RgbImage } from "./rgb-image.js";
import { type SplitWeights, splitWeights } from "./split-weights.js";
import { type ResampleExports, resampleInstances, resampleModulePath } from "./wasm-module.js";

/** The module's memory starts here; what lies below is its own. */
const BASE = 1024;
const PAGE = 65_536;
/** Source bytes that are put into the module's memory at a time, so that they stay in the processor's cache. */
const STRIP_BYTES = 65_536;
/** An instance whose memory has grown beyond this is dropped after the image. */
const KEPT_BYTES = 64 << 20;

/**
 * The resampler in WebAssembly SIMD. Its memory holds a strip of the image, a ring of resized rows and the result, is
 * reused from image to image, and is given back after one that needed more than 64 MiB.
 * @returns null where the module is missing or cannot run.
 */
export function wasmResampler(path: string = resampleModulePath()): Resampler | null {
  const instantiate = resampleInstances(path);
  if (instantiate === null) return null;
  let instance: ResampleExports | undefined;
  const withMemory = <T>(run: (wasm: ResampleExports) => T): T => {
    instance ??= instantiate();
    try {
      return run(instance);
    } finally {
      if (instance.memory.buffer.byteLength > KEPT_BYTES) instance = undefined;
    }
  };
  return Object.freeze<Resampler>({
    name: "wasm",
    resize: (image, size, filter, window) =>
      withMemory((wasm) => {
        const bytes = window.width * window.height * 3;
        const pass = prepare(wasm, image, size, filter, window, bytes + 16);
        pass.run((y, bytesOfRow) =>
          pass.memory.copyWithin(
            pass.result + y * window.width * 3,
            bytesOfRow,
            bytesOfRow + window.width * 3,
          ),
        );
        return {
          data: pass.memory.slice(pass.result, pass.result + bytes),
          width: window.width,
          height: window.height,
        };
      }),
    planes: (image, size, filter, window, values, place) =>
      withMemory((wasm) => {
        const plane = place.width * place.height;
        const pass = prepare(wasm, image, size, filter, window, 3 * plane * 4 + values.byteLength);
        const tables = pass.result + 3 * plane * 4;
        const out = new Float32Array(pass.memory.buffer, pass.result, 3 * plane);
        new Float32Array(pass.memory.buffer, tables, values.length).set(values);
        if (window.width !== place.width || window.height !== place.height) {
          for (let c = 0; c < 3; c++) out.fill(values[c * 256]!, c * plane, (c + 1) * plane);
        }
        pass.run((y, bytesOfRow) => {
          const at = (y + place.top) * place.width + place.left;
          wasm.planes(bytesOfRow, window.width, tables, pass.result + at * 4, plane * 4);
        });
        return out.slice();
      }),
  });
}

interface Pass {
  readonly memory: Uint8Array;
  /** Where the caller's own bytes begin. */
  readonly result: number;
  /** Computes row by row, and gives each one's address. */
  run(take: (y: number, bytesOfRow: number) => void): void;
}

function prepare(
  wasm: ResampleExports,
  image: RgbImage,
  size: ImageSize,
  filter: ResampleFilterName,
  window: ImageWindow,
  resultBytes: number,
): Pass {
  const columns = splitWeights(
    axisWeights(filter, image.width, size.width, window.left, window.left + window.width),
    2,
  );
  const rows = splitWeights(
    axisWeights(filter, image.height, size.height, window.top, window.top + window.height),
    1,
  );
  const stride = ceilTo(window.width * 3 + 1, 16);
  const sourceStride = (columns.high - columns.low) * 3;
  const stripRows = Math.min(64, Math.max(4, Math.floor(STRIP_BYTES / sourceStride / 4) * 4));
  const capacity = ceilTo(rows.mostTaps + 1, 4) + stripRows;
  let end = BASE;
  const take = (bytes: number): number => {
    const at = end;
    end += ceilTo(bytes, 16);
    return at;
  };
  const first = take(window.width * 4);
  const columnParts = take(columns.parts.byteLength);
  const rowParts = take(rows.parts.byteLength);
  const rowBytes = take(stride);
  const ring = take(stride * capacity);
  const strip = take(sourceStride * stripRows + columns.pairs * 6 + 32);
  const result = take(resultBytes);
  const missing = end - wasm.memory.buffer.byteLength;
  if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE));
  const memory = new Uint8Array(wasm.memory.buffer);
  new Int32Array(memory.buffer, first, window.width).set(
    columns.first.map((pixel) => (pixel - columns.low) * 3),
  );
  new Int16Array(memory.buffer, columnParts, columns.parts.length).set(columns.parts);
  new Int16Array(memory.buffer, rowParts, rows.parts.length).set(rows.parts);
  return {
    memory,
    result,
    run(take) {
      let next = 0;
      for (let y = 0; y < window.height; y++) {
        const from = rows.first[y]!;
        const to = from + rows.count[y]!;
        if (from >= next) next = from - (from % 4);
        while (next < to) {
          const slot = next % capacity;
          const height = Math.min(stripRows, capacity - slot);
          copyStrip(image, columns, next, height, memory, strip);
          for (let row = 0; row < height && next + row < image.height; row += 4) {
            wasm.columns(
              strip + row * sourceStride,
              sourceStride,
              ring + (slot + row) * stride,
              stride,
              window.width,
              first,
              columns.pairs / 2,
              columnParts,
            );
          }
          next += height;
        }
        wasm.row(
          ring,
          stride,
          capacity,
          from % capacity,
          rows.pairs,
          rowParts + y * rows.pairs * 8,
          rowBytes,
          window.width * 3,
        );
        take(y, rowBytes);
      }
    },
  };
}

/** Copies the columns that are needed of some rows into the module's memory. */
function copyStrip(
  image: RgbImage,
  columns: SplitWeights,
  top: number,
  height: number,
  memory: Uint8Array,
  strip: number,
): void {
  const bottom = Math.min(image.height, top + height);
  const stride = (columns.high - columns.low) * 3;
  if (stride === image.width * 3) {
    memory.set(image.data.subarray(top * stride, bottom * stride), strip);
    return;
  }
  for (let y = top; y < bottom; y++) {
    const start = (y * image.width + columns.low) * 3;
    memory.set(image.data.subarray(start, start + stride), strip + (y - top) * stride);
  }
}

function ceilTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
