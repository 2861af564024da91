import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, inflateSync } from "node:zlib";
import { packageRoot } from "../../../src/core/package-root.js";
import { cutGraph, decodeModel, encodeModel } from "../../../src/onnx/index.js";

const FIXTURES = join(packageRoot(), "test/golden/families-image/fixtures");

/** What one kind of export of a family must give. */
export interface FamilyExport {
  readonly name: string;
  readonly dim: number;
  /** A vector a picture; of very long ones the first two pictures only. */
  readonly vectors: readonly Float32Array[];
  /** Writes the folder that this export would be on the Hub. */
  folder(): Promise<string>;
}

/** A family's fixture: pictures, pixels and exports. */
export interface FamilyFixture {
  readonly pictures: readonly string[];
  readonly pixels: readonly Float32Array[];
  readonly exports: readonly FamilyExport[];
}

interface Packed {
  readonly pictures: readonly string[];
  readonly size: readonly [number, number];
  readonly exports: Readonly<
    Record<
      string,
      {
        readonly file: string;
        readonly outputs: readonly string[];
        readonly dim: number;
        readonly vectors: string;
      }
    >
  >;
}

/** The names of all families. */
export const familyNames = (): string[] =>
  readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "pictures")
    .map((entry) => entry.name)
    .sort();

export function familyFixture(family: string): FamilyFixture {
  const from = join(FIXTURES, family);
  const packed = JSON.parse(readFileSync(join(from, "expected.json"), "utf8")) as Packed;
  const [height, width] = packed.size;
  return {
    pictures: packed.pictures.map((name) => join(FIXTURES, "pictures", `${name}.png`)),
    pixels: rows(unpackPixels(readFileSync(join(from, "pixels.bin"))), 3 * height * width),
    exports: Object.entries(packed.exports).map(([name, { file, outputs, dim, vectors }]) => ({
      name,
      dim,
      vectors: rows(Float32Array.from(unpackHalves(vectors)), dim),
      async folder() {
        const folder = await mkdtemp(join(tmpdir(), `headstart-${family}-${name}-`));
        await mkdir(join(folder, "onnx"));
        const whole = decodeModel(gunzipSync(readFileSync(join(from, `${file}.onnx.gz`))));
        await writeFile(join(folder, "onnx", "model.onnx"), encodeModel(cutGraph(whole, outputs)));
        for (const json of readdirSync(from).filter((entry) => entry.endsWith("config.json"))) {
          await writeFile(join(folder, json), readFileSync(join(from, json)));
        }
        return folder;
      },
    })),
  };
}

const inflate = (text: string): Buffer => inflateSync(Buffer.from(text, "base64"));

/** How many values occur, those values, and the place in them of each pixel as two planes of bytes; in zlib. */
function unpackPixels(packed: Uint8Array): Float32Array {
  const bytes = inflateSync(packed);
  const places = 4 + 4 * bytes.readUInt32LE(0);
  const count = (bytes.length - places) / 2;
  return Float32Array.from({ length: count }, (_, i) =>
    bytes.readFloatLE(4 + 4 * (bytes[places + i]! + 256 * bytes[places + count + i]!)),
  );
}

function unpackHalves(text: string): number[] {
  const bytes = inflate(text);
  return Array.from({ length: bytes.length / 2 }, (_, i) => fromHalf(bytes.readUInt16LE(2 * i)));
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function rows(values: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: values.length / length }, (_, i) =>
    values.subarray(i * length, (i + 1) * length),
  );
}

/** One form of configuration, and the pixels that Python makes of pictures with it. */
export interface ConfigForm {
  readonly name: string;
  readonly config: object;
  readonly pictures: readonly string[];
  readonly size: readonly [number, number];
  readonly pixels: readonly Float32Array[];
}

export function configForms(): ConfigForm[] {
  const forms = JSON.parse(readFileSync(join(FIXTURES, "forms.json"), "utf8")) as (Omit<
    ConfigForm,
    "pixels"
  > & { readonly pixels: string })[];
  return forms.map((form) => ({
    ...form,
    pictures: form.pictures.map((name) => join(FIXTURES, "pictures", `${name}.png`)),
    pixels: rows(unpackPixels(Buffer.from(form.pixels, "base64")), 3 * form.size[0] * form.size[1]),
  }));
}
