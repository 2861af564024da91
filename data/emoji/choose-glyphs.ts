import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFraction } from "../hash-fraction.js";
import { packageFolder } from "../materialise.js";

/** The artists: an npm package of iconify's each. */
export const artists = ["noto", "twemoji"] as const;
export type Artist = (typeof artists)[number];

/** One emoji that both artists drew. */
export interface Glyph {
  readonly name: string;
  /** A folder's name: `food-drink`. */
  readonly category: string;
  readonly split: "train" | "test";
  /** A whole SVG document by artist. */
  readonly svg: Readonly<Record<Artist, string>>;
}

interface Drawings {
  readonly categories: ReadonlyMap<string, string>;
  readonly svg: (name: string) => string | undefined;
}

/** Glyphs of one category that are kept at most. */
const perCategory = 150;
const testShare = 0.3;

/**
 * The glyphs that both artists drew and filed under the same category, without skin tones and flags, at most
 * 150 a category. Pictures of one kind stay on one side of the split: see {@link kindOf}.
 */
export async function chooseGlyphs(): Promise<Glyph[]> {
  const [noto, twemoji] = await Promise.all(artists.map(readDrawings));
  const chosen: Glyph[] = [];
  for (const [name, category] of noto.categories) {
    const [a, b] = [noto.svg(name), twemoji.svg(name)];
    if (a === undefined || b === undefined || twemoji.categories.get(name) !== category) continue;
    if (category === "Flags" || /-skin-tone|-tone\d/.test(name)) continue;
    chosen.push({
      name,
      category: category.toLowerCase().replace(/\W+/g, "-"),
      split: hashFraction(kindOf(name)) < testShare ? "test" : "train",
      svg: { noto: a, twemoji: b },
    });
  }
  const taken = new Map<string, number>();
  return chosen
    .sort((a, b) => hashFraction(`pick ${a.name}`) - hashFraction(`pick ${b.name}`))
    .filter(({ category }) => {
      const rank = taken.get(category) ?? 0;
      taken.set(category, rank + 1);
      return rank < perCategory;
    });
}

/** Kinds whose pictures differ in a colour, a number, a letter or an amount alone. */
const families: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ["clock-face", /oclock$|-thirty$/],
  ["couple-or-family", /^(family|couple|kiss|people|women|men|woman-and|man-and)\b/],
  ["heart", /heart\b(?!-(hands|eyes))/],
  ["arrow", /arrow(?<!^bow-and-arrow)/],
  ["coloured-shape", /^(\w+-)*(circle|square)(-button)?$/],
  ["letter", /^(letter|keycap|input)-|^(a|b|ab|o)-button-blood-type$/],
  ["japanese-button", /^japanese-.*-button$/],
  ["player-button", /^(play|pause|stop|record|eject|next|last|fast|upwards|downwards|reverse)-.*button$/],
  ["medal", /-place-medal$/],
  ["card-suit", /-suit$/],
  ["banknote", /-banknote$/],
  ["globe", /^globe-showing/],
  ["mailbox", /mailbox/],
  ["moon", /\bmoon(-face)?$/],
  ["sun-and-cloud", /^sun-behind/],
];

/**
 * What a picture shows, without who does it, which way it points or what colour it has:
 * `woman-running-facing-right`, `man-running` and `person-running` are one kind, and so are all clock faces, all
 * arrows and all hearts, and `cat` and `cat-face`.
 */
export function kindOf(name: string): string {
  const family = families.find(([, pattern]) => pattern.test(name));
  if (family !== undefined) return family[0];
  const who = /\b(man|men|woman|women|person|people|mr|mrs|boy|girl|prince|princess|mx|facing|right|left)\b/g;
  return (
    name
      .replace(who, "")
      .replace(/-face$/, "")
      .replace(/^-+|-+$/g, "")
      .replace(/-{2,}/g, "-") || "person"
  );
}

async function readDrawings(artist: Artist): Promise<Drawings> {
  const folder = packageFolder(`@iconify-json/${artist}`);
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, file), "utf8"));
  const set = (await read("icons.json")) as {
    readonly width: number;
    readonly height: number;
    readonly icons: Readonly<Record<string, { body: string; width?: number; height?: number }>>;
  };
  const { categories } = (await read("metadata.json")) as { categories: Record<string, string[]> };
  const ofName = Object.entries(categories).flatMap(([category, names]) =>
    names.map((name) => [name, category] as const),
  );
  return {
    categories: new Map(ofName),
    svg: (name) => {
      const icon = set.icons[name];
      if (icon === undefined) return undefined;
      const box = `0 0 ${icon.width ?? set.width} ${icon.height ?? set.height}`;
      return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="128" height="128" viewBox="${box}">${icon.body}</svg>`;
    },
  };
}
