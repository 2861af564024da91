import { basename, dirname, join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { type DatasetOptions, refuseColumns } from "./dataset-options.js";
import { inputIdentity } from "./identity.js";
import { areSplits, mediaRow, walkMedia } from "./media-folder.js";
import { MEDIA_NAMES, type MediaKind } from "./media-kind.js";
import type { Dataset, Row } from "./row.js";

const NO_COLUMNS = { content: null, label: null, id: null, split: null } as const;
const READ = {
  image: "jpg, png, webp, gif, tiff, bmp, avif, heic and svg",
  audio: "wav, flac, mp3, ogg, opus, m4a, aac and aiff",
} as const;

/**
 * A folder of images or of sounds, counted by a first walk and read by a second: paths are never all in memory.
 * @param wanted - the kind that is read where both are there; null for whichever is there.
 * @throws {HeadstartError} `data` if there is none in it, or both and it is not said which.
 */
export async function mediaFolderDataset(
  folder: string,
  wanted: MediaKind | null,
  options: DatasetOptions,
): Promise<Dataset> {
  refuseColumns(options, folder, "a folder");
  const found = await survey(folder, options);
  const { counts, links } = found;
  if (wanted === null && counts.image > 0 && counts.audio > 0) {
    throw new HeadstartError("data", `${folder} holds ${counts.image} images and ${counts.audio} sounds`, {
      facts: { folder, ...counts },
      hint: "Say which are meant: --format images or --format audio; the others are passed over.",
    });
  }
  const kind = wanted ?? (counts.audio > 0 ? "audio" : "image");
  const { plural } = MEDIA_NAMES[kind];
  if (counts[kind] === 0) {
    throw new HeadstartError("data", `${folder} has no ${plural}`, {
      facts: { folder, links },
      hint:
        links > 0
          ? `${links} symbolic links were not followed; copy the files.`
          : `Readable: ${READ[kind]}; for tables, name the file itself, or several by a pattern: '${join(folder, "*.csv")}'.`,
    });
  }
  const { top, inner, identity } = found.of[kind];
  const split = areSplits(top);
  const classes = split ? inner : top;
  return Object.freeze({
    name: folder,
    modality: kind,
    columns: NO_COLUMNS,
    kept: [],
    guesses: [
      ...(classes.size > 0 ? [`labels: the folders' names (${classes.size})`] : []),
      ...(split
        ? [`splits: ${[...top].map((name) => name.toLowerCase()).join(", ")} (by the folders' names)`]
        : []),
      ...(links > 0
        ? [`${links} symbolic link${links === 1 ? " was" : "s were"} skipped: links are not followed`]
        : []),
    ],
    count: counts[kind],
    shareRead: () => null,
    identity: identity.digest(),
    async *rows() {
      for await (const entry of walkMedia(folder)) {
        if (entry.kind === kind) yield mediaRow(kind, folder, entry.names, split);
      }
    },
  } satisfies Dataset);
}

/** Counts a folder's images and sounds, and notes the folders that they lie in. */
async function survey(folder: string, options: DatasetOptions) {
  const counts = { image: 0, audio: 0 };
  const place = () => ({
    top: new Set<string>(),
    inner: new Set<string>(),
    identity: inputIdentity(options),
  });
  const of = { image: place(), audio: place() };
  let links = 0;
  for await (const { kind, names } of walkMedia(folder)) {
    if (kind === "link") {
      links++;
      continue;
    }
    counts[kind]++;
    if (names.length > 1) of[kind].top.add(names[0]!);
    if (names.length > 2) of[kind].inner.add(names[1]!);
    await of[kind].identity.add(join(folder, ...names));
  }
  return { counts, links, of };
}

/** One image or sound as a data set of one row without label. */
export async function mediaFileDataset(
  path: string,
  kind: MediaKind,
  options: DatasetOptions,
): Promise<Dataset> {
  refuseColumns(options, path, `a single ${kind === "image" ? "image" : "sound"}`);
  return filesDataset(path, dirname(path), [basename(path)], kind, options, false);
}

/**
 * Files that a pattern found as a data set; classes and splits are the folders below the pattern's fixed beginning.
 * @param names - relative to `folder`, with forward slashes.
 */
export async function mediaFilesDataset(
  input: string,
  folder: string,
  names: readonly string[],
  kind: MediaKind,
  options: DatasetOptions,
): Promise<Dataset> {
  refuseColumns(options, input, "a pattern of files");
  const tops = new Set(
    names.flatMap((name) => (name.includes("/") ? [name.slice(0, name.indexOf("/"))] : [])),
  );
  return filesDataset(input, folder, names, kind, options, areSplits(tops));
}

async function filesDataset(
  input: string,
  folder: string,
  names: readonly string[],
  kind: MediaKind,
  options: DatasetOptions,
  split: boolean,
): Promise<Dataset> {
  const identity = inputIdentity(options);
  for (const name of names) await identity.add(join(folder, name));
  const rowOf = (name: string): Row => mediaRow(kind, folder, name.split("/"), split);
  const labels = new Set(names.map((name) => rowOf(name).label).filter((label) => label !== null));
  return Object.freeze({
    name: input,
    modality: kind,
    columns: NO_COLUMNS,
    kept: [],
    guesses: labels.size > 0 ? [`labels: the folders' names (${labels.size})`] : [],
    count: names.length,
    shareRead: () => null,
    identity: identity.digest(),
    async *rows() {
      for (const name of names) yield rowOf(name);
    },
  } satisfies Dataset);
}
