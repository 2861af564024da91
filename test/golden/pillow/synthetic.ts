import type { RgbImage } from "../../../src/backbones/image/rgb-image.js";

/** Noise on the left, a ramp in the middle, hard edges on the right: the images of generate.py. */
export function synthetic(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const third = Math.floor((x * 3) / width);
      for (let c = 0; c < 3; c++) {
        const noise = Math.imul(x * 7919 + y * 104729 + c * 1299709, 2654435761) >>> 24;
        const ramp = (x * 5 + y * 3 + c * 40) % 256;
        const edge = (Math.floor(x / 3) + Math.floor(y / 2) + c) % 2 === 0 ? 255 : 0;
        data[(y * width + x) * 3 + c] = [noise, ramp, edge][third]!;
      }
    }
  }
  return { data, width, height };
}
