import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { mediaOfPath } from "./input-format.js";
import { fileContent } from "./media-content.js";
import type { MediaKind } from "./media-kind.js";
import type { Row } from "./row.js";

const SPLITS = new Set(["train", "training", "test", "val", "valid", "validation", "dev"]);

/** Something that a walk through a folder of images or sounds meets. */
export type FolderEntry =
  | { readonly kind: MediaKind; readonly names: readonly string[] }
  | { readonly kind: "link"; readonly names: readonly string[] };

/**
 * Walks a folder of images or sounds: each folder's names in code-unit order, files and folders alike. Hidden names and
 * files of other extensions are passed over; symbolic links are told, never followed.
 * @throws {HeadstartError} `io` if a folder cannot be read.
 */
export async function* walkMedia(folder: string, names: readonly string[] = []): AsyncGenerator<FolderEntry> {
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
    else if (entry.isDirectory()) yield* walkMedia(folder, inner);
    else if (entry.isFile()) {
      const kind = mediaOfPath(entry.name);
      if (kind !== null) yield { kind, names: inner };
    }
  }
}

/** Whether the folders above the files are all called like splits (train, test, val, …), in any case. */
export function areSplits(topFolders: Iterable<string>): boolean {
  const names = [...topFolders];
  return names.length > 0 && names.every((name) => SPLITS.has(name.toLowerCase()));
}

/**
 * The row of an image or sound in a folder: its path with forward slashes is id and source, the folder (the first below the
 * root or below the split) its class; null for files straight in the root or the split.
 * @param split - whether the topmost folders are splits, which are then written in lower case.
 */
export function mediaRow(kind: MediaKind, folder: string, names: readonly string[], split: boolean): Row {
  const above = names.slice(0, -1);
  const id = names.join("/");
  return {
    state: "row",
    id,
    content: fileContent(kind, join(folder, ...names)),
    label: above[split ? 1 : 0] ?? null,
    split: split ? (above[0]?.toLowerCase() ?? null) : null,
    source: id,
  };
}
