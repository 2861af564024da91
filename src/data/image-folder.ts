import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { isImagePath } from "./input-format.js";
import type { Row } from "./row.js";

const SPLITS = new Set(["train", "training", "test", "val", "valid", "validation", "dev"]);

/** Something that a walk through a folder of images meets. */
export type FolderEntry =
  | { readonly kind: "image"; readonly names: readonly string[] }
  | { readonly kind: "link"; readonly names: readonly string[] };

/**
 * Walks a folder of images: each folder's names in code-unit order, files and folders alike. Hidden names and
 * files without an image's extension are passed over; symbolic links are told, never followed.
 * @throws {HeadstartError} `io` if a folder cannot be read.
 */
export async function* walkImages(
  folder: string,
  names: readonly string[] = [],
): AsyncGenerator<FolderEntry> {
  const path = join(folder, ...names);
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new HeadstartError("io", `Cannot read the folder ${path}: ${messageOf(cause)}`, {
      facts: { path },
      cause,
    });
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const inner = [...names, entry.name];
    if (entry.isSymbolicLink()) yield { kind: "link", names: inner };
    else if (entry.isDirectory()) yield* walkImages(folder, inner);
    else if (entry.isFile() && isImagePath(entry.name)) yield { kind: "image", names: inner };
  }
}

/** Whether the folders above the images are all called like splits (train, test, val, …), in any case. */
export function areSplits(topFolders: Iterable<string>): boolean {
  const names = [...topFolders];
  return names.length > 0 && names.every((name) => SPLITS.has(name.toLowerCase()));
}

/**
 * The row of an image in a folder: its path with forward slashes is id and source, the folder (the first below the
 * root or below the split) its class; null for images straight in the root or the split.
 * @param split - whether the topmost folders are splits, which are then written in lower case.
 */
export function imageRow(folder: string, names: readonly string[], split: boolean): Row {
  const above = names.slice(0, -1);
  const id = names.join("/");
  return {
    state: "row",
    id,
    content: { kind: "image", path: join(folder, ...names) },
    label: above[split ? 1 : 0] ?? null,
    split: split ? (above[0]?.toLowerCase() ?? null) : null,
    source: id,
  };
}
