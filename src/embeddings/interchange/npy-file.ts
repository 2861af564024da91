import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { ioError } from "../file/io-error.js";
import { type NpyHeader, parseNpyHeader } from "./npy-header.js";

/** A `.npy` file of vectors, open. */
export interface NpyFile {
  readonly rows: number;
  readonly dim: number;
  readonly half: boolean;
  /** Rows `from` to `to`, the end excluded; of float16 the bits. */
  read(from: number, to: number): Promise<Float32Array | Uint16Array>;
  close(): Promise<void>;
}

/** How the numbers of a file become ours. */
interface NumberType {
  readonly width: number;
  convert(bytes: Buffer): Float32Array | Uint16Array;
}

/**
 * Opens a `.npy` file of numbers `[rows, dim]`: float16, float32 and float64 of either byte order, and integers of 8
 * and 16 bits. All but float16 and float32 become float32.
 * @throws {HeadstartError} `io`; `data` if it is none, cut short, of another type or shape, in Fortran's order.
 */
export async function openNpy(path: string): Promise<NpyFile> {
  const name = basename(path);
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw ioError("read", path, cause);
  });
  try {
    const { size } = await handle.stat();
    const header = await readHeader(handle, name, size);
    const type = numberType(header.descr);
    if (type === null) throw wrongType(name, header);
    const [rows, dim] = shapeOf(name, header);
    const needed = header.length + rows * dim * type.width;
    if (size < needed) {
      throw npyError(
        name,
        `is cut short: ${size} bytes of ${needed}`,
        "Copy it again from where it is whole.",
      );
    }
    return {
      rows,
      dim,
      half: /f2$/.test(header.descr),
      async read(from, to) {
        const bytes = Buffer.from(new ArrayBuffer((to - from) * dim * type.width));
        const start = header.length + from * dim * type.width;
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0) throw npyError(name, "has become shorter", "Keep it still while it is read.");
          at += bytesRead;
        }
        return type.convert(bytes);
      },
      close: () => handle.close(),
    };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function readHeader(handle: FileHandle, name: string, size: number): Promise<NpyHeader> {
  const start = Buffer.alloc(Math.min(size, 80 * 2 ** 10));
  await handle.read(start, 0, start.length, 0);
  try {
    return parseNpyHeader(start);
  } catch (cause) {
    throw npyError(
      name,
      `is no .npy file, or damaged: ${messageOf(cause)}`,
      "Write it with numpy.save.",
      cause,
    );
  }
}

function shapeOf(name: string, { shape, fortranOrder }: NpyHeader): readonly [number, number] {
  const [rows, dim] = shape;
  if (shape.length !== 2 || rows === undefined || dim === undefined || dim === 0 || rows === 0) {
    throw npyError(
      name,
      `has the shape (${shape.join(", ")}), and vectors have (rows, dimensions)`,
      shape.length === 1
        ? "Several vectors: numpy.stack(vectors); one: vector.reshape(1, -1)."
        : "Bring it to two dimensions, a vector a row, with reshape.",
    );
  }
  if (fortranOrder && rows > 1 && dim > 1) {
    throw npyError(
      name,
      "is in Fortran's order: its columns lie one after the other",
      "Write it again: numpy.save(path, numpy.ascontiguousarray(x)).",
    );
  }
  return [rows, dim];
}

function wrongType(name: string, { descr }: NpyHeader): HeadstartError {
  const remedy = "Write it again: numpy.save(path, x.astype('float32')).";
  if (descr.includes("O")) {
    const why = "holds Python objects, which only Python can read: often rows of unequal length";
    return npyError(name, why, "Make it a plain array: numpy.save(path, numpy.stack(x).astype('float32')).");
  }
  if (descr.startsWith("[")) return npyError(name, `has fields (${descr})`, `Take one of them. ${remedy}`);
  return npyError(name, `holds numbers of type '${descr}', and float32 or float16 are wanted`, remedy);
}

/** A `data` error about a `.npy` file. @param problem - to follow its name. */
export function npyError(name: string, problem: string, hint: string, cause?: unknown): HeadstartError {
  return new HeadstartError("data", `${name} ${problem}`, { facts: { file: name }, hint, cause });
}

function numberType(descr: string): NumberType | null {
  const [, order, kind, bytes] = /^([<>=|])([fiu])(\d)$/.exec(descr) ?? [];
  if (kind === undefined) return null;
  const width = Number(bytes);
  const big = order === ">";
  const swapped = (buffer: Buffer): ArrayBuffer => {
    if (big && width === 2) buffer.swap16();
    if (big && width === 4) buffer.swap32();
    if (big && width === 8) buffer.swap64();
    return buffer.buffer as ArrayBuffer;
  };
  switch (`${kind}${width}`) {
    case "f2":
      return { width, convert: (buffer) => new Uint16Array(swapped(buffer)) };
    case "f4":
      return { width, convert: (buffer) => new Float32Array(swapped(buffer)) };
    case "f8":
      return { width, convert: (buffer) => Float32Array.from(new Float64Array(swapped(buffer))) };
    case "i1":
      return { width, convert: (buffer) => Float32Array.from(new Int8Array(swapped(buffer))) };
    case "u1":
      return { width, convert: (buffer) => Float32Array.from(new Uint8Array(swapped(buffer))) };
    case "i2":
      return { width, convert: (buffer) => Float32Array.from(new Int16Array(swapped(buffer))) };
    default:
      return null;
  }
}
