// Decoding, resizing, cropping and normalising JPEGs: ours (exact and fast), the image library's own resize, and Pillow.
// Run: npm run bench:images; Pillow takes part where HEADSTART_PYTHON names a Python that has it.
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { decodeImage } from "../src/backbones/image/decode-image.js";
import { imagePreprocessor } from "../src/backbones/image/image-preprocessor.js";
import { pillowResampler } from "../src/backbones/image/pillow-resize.js";
import { formatTable } from "../src/cli/format-table.js";
import { packageRoot } from "../src/core/package-root.js";

const EDGE = 256;
const CROP = 224;
/** The centre of the images here once resized, 341 x 256. */
const WINDOW = { left: 58, top: 16, width: CROP, height: CROP };
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;
const CONFIG = {
  image_processor_type: "ViTImageProcessor",
  size: { shortest_edge: EDGE },
  crop_size: { height: CROP, width: CROP },
  do_center_crop: true,
  resample: 3,
  image_mean: MEAN,
  image_std: STD,
};

/** Milliseconds by the clock, and of all threads together on a processor: the latter hardly feels other programs. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Prepares every image once, `threads` at a time. */
type Contender = (images: readonly Buffer[], threads: number) => Promise<Cost>;

/** Real photos, brought to 500 x 375 and joined to 4000 x 3000; drawn ones where the sample folder is absent. */
async function photos(): Promise<{ readonly small: Buffer[]; readonly large: Buffer[] }> {
  const folder = join(packageRoot(), "../shared/data/images/hymenoptera/test/bees");
  const names = (await readdir(folder).catch(() => [] as string[])).sort().slice(0, 64);
  const originals: Uint8Array[] = await Promise.all(names.map((name) => readFile(join(folder, name))));
  while (originals.length < 64) originals.push(await drawn(originals.length));
  const small = await Promise.all(
    originals.map((image) =>
      sharp(image).resize(500, 375, { fit: "cover" }).jpeg({ quality: 90 }).toBuffer(),
    ),
  );
  const tiles = small.map((input, i) => ({ input, left: (i % 8) * 500, top: Math.floor(i / 8) * 375 }));
  const large = await Promise.all(
    [0, 7, 23].map((shift) =>
      sharp({ create: { width: 4000, height: 3000, channels: 3, background: "black" } })
        .composite(tiles.map((tile, i) => ({ ...tile, input: small[(i + shift) % small.length]! })))
        .jpeg({ quality: 90 })
        .toBuffer(),
    ),
  );
  return { small, large };
}

async function drawn(seed: number): Promise<Buffer> {
  const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24);
  return sharp(data, { raw: { width: 64, height: 48, channels: 3 } })
    .resize(600, 450)
    .png()
    .toBuffer();
}

/** Runs `prepare` over the images with a given number in flight. */
function inFlight(prepare: (image: Buffer) => Promise<unknown>): Contender {
  return async (images, threads) => {
    const started = performance.now();
    const used = process.cpuUsage();
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < images.length; i = next++) await prepare(images[i]!);
    };
    await Promise.all(Array.from({ length: threads }, lane));
    const { user, system } = process.cpuUsage(used);
    return { wall: performance.now() - started, cpu: (user + system) / 1000 };
  };
}

/** The image library's own resize, with the kernel that is nearest to Pillow's bicubic, then the same arithmetic. */
async function libraryResize(image: Buffer): Promise<Float32Array> {
  const { data } = await sharp(image)
    .autoOrient()
    .resize(EDGE, EDGE, { fit: "outside", kernel: "cubic" })
    .extract(WINDOW)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const plane = CROP * CROP;
  const out = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const scale = 1 / 255 / STD[c]!;
    const shift = MEAN[c]! / STD[c]!;
    for (let i = 0; i < plane; i++) out[c * plane + i] = data[i * 3 + c]! * scale - shift;
  }
  return out;
}

const PILLOW = `
import io, struct, sys, time
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import PIL
from PIL import Image, ImageOps
scale = np.float32(1) / (np.float32(255) * np.array([${STD}], dtype=np.float32))
shift = np.array([${MEAN}], dtype=np.float32) / np.array([${STD}], dtype=np.float32)
def prepare(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    width, height = image.size
    short = min(width, height)
    image = image.resize((int(${EDGE} * width / short), int(${EDGE} * height / short)), Image.BICUBIC)
    left, top = (image.width - ${CROP}) // 2, (image.height - ${CROP}) // 2
    image = image.crop((left, top, left + ${CROP}, top + ${CROP}))
    return np.ascontiguousarray((np.asarray(image, dtype=np.float32) * scale - shift).transpose(2, 0, 1))
print(PIL.__version__, flush=True)
read = sys.stdin.buffer
while True:
    head = read.read(8)
    if len(head) < 8: break
    threads, count = struct.unpack("<II", head)
    images = [read.read(struct.unpack("<I", read.read(4))[0]) for _ in range(count)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(abs, range(threads)))
        started, used = time.perf_counter(), time.process_time()
        done = [prepare(image) for image in images] if threads == 1 else list(pool.map(prepare, images))
        print((time.perf_counter() - started) * 1000, (time.process_time() - used) * 1000, flush=True)
`;

interface Pillow {
  readonly version: string;
  readonly run: Contender;
  close(): void;
}

/** Pillow in one Python process that lives for the whole run; null where there is none. */
async function pillow(python: string | undefined): Promise<Pillow | null> {
  if (python === undefined) return null;
  const child = spawn(python, ["-c", PILLOW], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => String((await lines.next()).value);
  return {
    version: await answer(),
    async run(images, threads) {
      const number = (value: number): Buffer => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(value);
        return bytes;
      };
      const parts = images.flatMap((image) => [number(image.length), image]);
      child.stdin.write(Buffer.concat([number(threads), number(images.length), ...parts]));
      const [wall, cpu] = (await answer()).split(" ").map(Number) as [number, number];
      return { wall, cpu };
    },
    close: () => child.stdin.end(),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

sharp.cache(false);
sharp.concurrency(1);
const { small, large } = await photos();
const python = await pillow(process.env.HEADSTART_PYTHON);
const exact = imagePreprocessor(CONFIG);
const fast = imagePreprocessor(CONFIG, { resize: "fast" });
const contenders: Readonly<Record<string, Contender>> = {
  [`ours, exact (${pillowResampler().name})`]: inFlight((image) => exact.prepare(image)),
  "ours, fast": inFlight((image) => fast.prepare(image)),
  "ours, decoding alone": inFlight((image) => decodeImage(image)),
  [`sharp ${sharp.versions.sharp}, its own resize`]: inFlight(libraryResize),
  ...(python === null ? {} : { [`Pillow ${python.version}, NumPy`]: python.run }),
};
const rows: string[][] = [];
for (const [what, images, rounds] of [
  ["500 x 375", small, 11],
  ["4000 x 3000", large, 7],
] as const) {
  for (const threads of [1, 2]) {
    const costs = new Map<string, Cost[]>();
    for (let round = -1; round < rounds; round++) {
      for (const [name, run] of Object.entries(contenders)) {
        const cost = await run(images, threads);
        if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
    const middle = (costs: readonly Cost[], kind: keyof Cost): number =>
      median(costs.map((cost) => cost[kind])) / images.length;
    const own = costs.values().next().value!;
    for (const [name, each] of costs) {
      const figures = (["wall", "cpu"] as const).flatMap((kind) => [
        middle(each, kind).toFixed(2),
        `${(middle(each, kind) / middle(own, kind)).toFixed(2)}x`,
      ]);
      rows.push([what, String(threads), name, ...figures]);
    }
  }
}
python?.close();
const heading = ["JPEGs", "threads", "", "ms", "of exact", "CPU ms", "of exact"];
process.stdout.write(`${formatTable(rows, heading).join("\n")}\n`);
