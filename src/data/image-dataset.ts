import { basename, dirname, join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { type DatasetOptions, refuseColumns } from "./dataset-options.js";
import { inputIdentity } from "./identity.js";
import { areSplits, imageRow, walkImages } from "./image-folder.js";
import type { Dataset, Row } from "./row.js";

const NO_COLUMNS = { content: null, label: null, id: null, split: null } as const;

/**
 * A folder of images, counted by a first walk and read by a second: paths are never all in memory.
 * @throws {HeadstartError} `data` if there is no image in it.
 */
export async function imageFolderDataset(folder: string, options: DatasetOptions): Promise<Dataset> {
  refuseColumns(options, folder, "a folder of images");
  const identity = inputIdentity(options);
  const topFolders = new Set<string>();
  const innerFolders = new Set<string>();
  let count = 0;
  let links = 0;
  for await (const { kind, names } of walkImages(folder)) {
    if (kind === "link") {
      links++;
      continue;
    }
    count++;
    if (names.length > 1) topFolders.add(names[0]!);
    if (names.length > 2) innerFolders.add(names[1]!);
    await identity.add(join(folder, ...names));
  }
  if (count === 0) {
    throw new HeadstartError("data", `${folder} has no images`, {
      facts: { folder, links },
      hint:
        links > 0
          ? `${links} symbolic links were not followed; copy the files.`
          : "Read are jpg, png, webp, gif, tiff and avif; for a table of texts, name the file itself.",
    });
  }
  const split = areSplits(topFolders);
  const classes = split ? innerFolders : topFolders;
  return Object.freeze({
    name: folder,
    modality: "image",
    columns: NO_COLUMNS,
    guesses: [
      ...(classes.size > 0 ? [`labels: the folders' names (${classes.size})`] : []),
      ...(split
        ? [`splits: ${[...topFolders].map((name) => name.toLowerCase()).join(", ")} (by the folders' names)`]
        : []),
      ...(links > 0
        ? [`${links} symbolic link${links === 1 ? " was" : "s were"} skipped: links are not followed`]
        : []),
    ],
    count,
    shareRead: () => null,
    identity: identity.digest(),
    async *rows() {
      for await (const { kind, names } of walkImages(folder)) {
        if (kind === "image") yield imageRow(folder, names, split);
      }
    },
  } satisfies Dataset);
}

/** One image file as a data set of one row without label. */
export async function imageFileDataset(path: string, options: DatasetOptions): Promise<Dataset> {
  refuseColumns(options, path, "a single image");
  const identity = inputIdentity(options);
  await identity.add(path);
  const row: Row = imageRow(dirname(path), [basename(path)], false);
  return Object.freeze({
    name: path,
    modality: "image",
    columns: NO_COLUMNS,
    guesses: [],
    count: 1,
    shareRead: () => null,
    identity: identity.digest(),
    async *rows() {
      yield row;
    },
  } satisfies Dataset);
}
