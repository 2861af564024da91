import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

/** A JPEG of 80 x 80 pixels: a plain colour, or stripes; `variant` changes hue or width. */
export async function picture(kind: "plain" | "stripes", variant: number): Promise<Buffer> {
  const stripes = Array.from(
    { length: 8 },
    (_, k) => `<rect y="${k * 10}" width="80" height="${2 + variant}" fill="black"/>`,
  );
  const plain = `<rect width="80" height="80" fill="hsl(${variant * 40}, 80%, 50%)"/>`;
  const shapes = kind === "plain" ? plain : stripes.join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80">${shapes}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: "white" }).jpeg().toBuffer();
}

/** `train/` and `test/` with a folder a class: four and two pictures of each. */
export async function pictureFolders(root: string): Promise<void> {
  for (const [split, first, count] of [
    ["train", 0, 4],
    ["test", 4, 2],
  ] as const) {
    for (const kind of ["plain", "stripes"] as const) {
      const folder = join(root, split, kind);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < count; i++) {
        await sharp(await picture(kind, first + i)).toFile(join(folder, `${i}.jpg`));
      }
    }
  }
}
