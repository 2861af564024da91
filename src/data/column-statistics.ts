import { mediaOfPath } from "./input-format.js";
import { bytesOf, dataUrlBytes, type MediaKind, mediaKindOf, pathOf } from "./media-kind.js";
import type { TableRecord } from "./table.js";

/** What a sample tells of a column; over its values that are not empty. */
export interface ColumnStatistics {
  readonly column: string;
  /** Whether it has any value. */
  readonly filled: boolean;
  /** Whether all values are numbers. */
  readonly numeric: boolean;
  /** Whether at least half of the values have several words. */
  readonly freeText: boolean;
  /** What all values are: images or sounds, by their paths or their bytes; else null. */
  readonly media: MediaKind | null;
  /** Whether they are so as bytes, with or without a path. */
  readonly bytes: boolean;
  /** Characters. */
  readonly meanLength: number;
}

/** Looks at one column of a sample. */
export function columnStatistics(column: string, sample: readonly TableRecord[]): ColumnStatistics {
  let filled = 0;
  let numeric = 0;
  let severalWords = 0;
  const media = { image: 0, audio: 0 };
  let bytes = 0;
  let characters = 0;
  for (const record of sample) {
    if (record.state !== "record") continue;
    const value = record.cell(column);
    if (value === null || value === undefined) continue;
    if (typeof value === "object" && !(value instanceof Date)) {
      const kind = mediaOfCell(value);
      if (Array.isArray(value) || (kind === null && bytesOf(value) === null)) continue;
      filled++;
      bytes++;
      if (kind !== null) media[kind]++;
      continue;
    }
    const text = String(value).trim();
    if (text === "") continue;
    filled++;
    characters += text.length;
    if (Number.isFinite(Number(text))) numeric++;
    if (/\s/.test(text)) severalWords++;
    const kind = mediaOfCell(text);
    if (kind !== null) media[kind]++;
  }
  return {
    column,
    filled: filled > 0,
    numeric: filled > 0 && numeric === filled,
    freeText: filled > 0 && severalWords * 2 >= filled,
    media: filled === 0 ? null : media.image === filled ? "image" : media.audio === filled ? "audio" : null,
    bytes: bytes > 0,
    meanLength: filled === 0 ? 0 : characters / filled,
  };
}

function mediaOfCell(value: string | object): MediaKind | null {
  const bytes = typeof value === "string" && value.startsWith("data:") ? dataUrlBytes(value) : bytesOf(value);
  if (bytes !== null) return mediaKindOf(bytes);
  const path = pathOf(value);
  return path === null ? null : mediaOfPath(path.split(/[?#]/)[0]!);
}
