import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { SvgContent } from "./svg-content.js";
import type { SvgCost } from "./svg-cost.js";

/** What is drawn in this process: more might hold one of its threads for minutes. */
const QUICK: SvgCost = { elements: 2000, filterSteps: 4 };
/** Pixels, times elements or steps of filters, that are drawn in this process. */
const QUICK_PIXELS = 2e9;
const QUICK_FILTER_PIXELS = 4e6;
/** Longest time that drawing may take in a process of its own. */
const MAX_MILLISECONDS = 10_000;
const MAX_OUTPUT = 2 ** 30;

/** Draws the SVG of its input; the image library is its first argument, the limit of pixels its second. */
const PROGRAM = `
const { default: sharp } = await import(process.argv[1]);
const parts = [];
for await (const part of process.stdin) parts.push(part);
const image = sharp(Buffer.concat(parts), { limitInputPixels: Number(process.argv[2]) });
process.stdout.write(await image.png({ compressionLevel: 1 }).toBuffer());
`;

/** Whether drawing an SVG at this size surely takes no more than a second or two. */
export function isQuickToDraw({ elements, filterSteps }: SvgCost, pixels: number): boolean {
  if (elements > QUICK.elements || elements * pixels > QUICK_PIXELS) return false;
  return filterSteps <= QUICK.filterSteps && filterSteps * pixels <= QUICK_FILTER_PIXELS;
}

/**
 * Draws an SVG in a process of its own, which is ended after `milliseconds` (default: ten seconds): nothing else stops
 * a drawing that was made to take hours.
 * @returns a PNG.
 * @throws {Error} where it takes longer, or cannot be drawn.
 */
export function drawSvgApart(
  { bytes }: SvgContent,
  maxPixels: number,
  milliseconds = MAX_MILLISECONDS,
): Promise<Uint8Array> {
  const library = pathToFileURL(createRequire(import.meta.url).resolve("sharp")).href;
  const program = ["--input-type=module", "--eval", PROGRAM, library, String(maxPixels)];
  const options = {
    encoding: "buffer",
    timeout: milliseconds,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, program, options, (error, png, messages) => {
      if (error === null) resolve(png);
      else if (error.killed) reject(new Error(`it takes longer than ${milliseconds / 1000} seconds to draw`));
      else reject(new Error(/Error: .*/.exec(messages.toString())?.[0] ?? error.message));
    });
    // A process that ends before it has read everything says why by itself.
    child.stdin?.on("error", () => {});
    child.stdin?.end(bytes);
  });
}
