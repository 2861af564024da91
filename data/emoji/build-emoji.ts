import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { cpuCount } from "../../src/core/cpu-count.js";
import { atMost, type Built, type Counts, countRows } from "../sample-set.js";
import { artists, chooseGlyphs } from "./choose-glyphs.js";

/** Pixels on a side. */
const size = 128;

/**
 * Writes `<artist>/<split>/<category>/<name>.png`, 128 × 128 on white, for both artists.
 * The counts are those of one artist: the other's are the same.
 */
export async function buildEmoji(folder: string, limit: number | null): Promise<Built> {
  const glyphs = atMost(await chooseGlyphs(), limit);
  const pictures = artists.flatMap((artist) =>
    glyphs.map(({ name, category, split, svg }) => {
      const place = join(folder, artist, split, category);
      return { place, path: join(place, `${name}.png`), svg: svg[artist] };
    }),
  );
  for (const place of new Set(pictures.map((picture) => picture.place)))
    await mkdir(place, { recursive: true });

  const waiting = pictures.values();
  const draw = async (): Promise<void> => {
    for (const { path, svg } of waiting) {
      await sharp(Buffer.from(svg))
        .resize(size, size, { fit: "contain", background: "white" })
        .flatten({ background: "white" })
        .png({ compressionLevel: 3 })
        .toFile(path);
    }
  };
  await Promise.all(Array.from({ length: 2 * cpuCount() }, draw));
  const counts: Counts = countRows(glyphs.map(({ category, split }) => ({ label: category, split })));
  return { counts, leftOut: {} };
}
