import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";
import type { RejectedRow, Row } from "../../data/row.js";

/** Model inputs of a stretch of rows, the contents that occur twice prepared once. */
export interface Window<Input> {
  /** Rows of the input that this window stands for, the rejected ones included. */
  readonly consumed: number;
  /** The rows that can be embedded, in the input's order. */
  readonly rows: readonly Row[];
  readonly hashes: readonly Uint8Array[];
  /** The distinct inputs that are to be encoded. */
  readonly inputs: readonly Input[];
  /** Vectors of the other distinct contents, which are known. */
  readonly known: readonly Float32Array[];
  /** For each row, the index of its content: of `inputs`, then, counted on, of `known`. */
  readonly inputOf: readonly number[];
  readonly rejects: readonly RejectedRow[];
  /** Rows whose content was longer than the model takes; of sounds whose vector was known, only WAV and FLAC. */
  readonly truncated: number;
}

/** A row whose content is ready for the model. */
export interface PreparedRow<Input> {
  readonly state: "prepared";
  readonly row: Row;
  readonly hash: Uint8Array;
  readonly input: Input;
  readonly truncated: boolean;
}

/** A row whose vector is known. */
export interface KnownRow {
  readonly state: "known";
  readonly row: Row;
  readonly hash: Uint8Array;
  readonly vector: Float32Array;
  /** Whether the content is longer than the model takes, as far as that can be told without decoding it. */
  readonly truncated: boolean;
}

/** A row that a window can take. */
export type ReadyRow<Input> = PreparedRow<Input> | KnownRow | RejectedRow;

/** A window that rows are added to. */
export interface OpenWindow<Input> {
  /** Rows so far, the rejected ones included. */
  readonly consumed: number;
  /** @returns whether the row brought an input that the window did not have. */
  add(item: ReadyRow<Input>): boolean;
  close(): Window<Input>;
}

/** An empty window. */
export function openWindow<Input>(): OpenWindow<Input> {
  const rows: Row[] = [];
  const hashes: Uint8Array[] = [];
  const inputs: Input[] = [];
  const known: Float32Array[] = [];
  // Where the vector of a row's content is: in `inputs` from 0 on, in `known` from -1 on downwards.
  const places: number[] = [];
  const placeOf = new Map<string, number>();
  const rejects: RejectedRow[] = [];
  let truncated = 0;
  const window = {
    consumed: 0,
    add(item: ReadyRow<Input>): boolean {
      window.consumed++;
      if (item.state === "rejected") {
        rejects.push(item);
        return false;
      }
      const key = hashKey(item.hash);
      const found = placeOf.get(key);
      const place =
        found ?? (item.state === "known" ? -known.push(item.vector) : inputs.push(item.input) - 1);
      placeOf.set(key, place);
      rows.push(item.row);
      hashes.push(item.hash);
      places.push(place);
      if (item.truncated) truncated++;
      return found === undefined && item.state === "prepared";
    },
    close: () => {
      const inputOf = places.map((place) => (place >= 0 ? place : inputs.length - 1 - place));
      return Object.freeze({
        consumed: window.consumed,
        rows,
        hashes,
        inputs,
        known,
        inputOf,
        rejects,
        truncated,
      });
    },
  };
  return window;
}

/** A content's hash as a key of a map. */
export function hashKey(hash: Uint8Array): string {
  const bytes = hash instanceof Buffer ? hash : Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength);
  return bytes.toString("latin1");
}

/** Content that cannot be read rejects its row; anything else is a fault that must be seen. */
export function rejectedBy(row: Row, thrown: unknown): RejectedRow {
  const dataError = thrown instanceof HeadstartError && thrown.code === "data";
  if (!dataError && systemCode(thrown) === null) throw thrown;
  return rejected(row, messageOf(thrown));
}

/** A row that holds something else than the backbone reads. */
export function ofOtherKind(row: Row, wanted: Row["content"]["kind"]): RejectedRow {
  return rejected(row, `It is ${HELD[row.content.kind]}, and the backbone reads ${READ[wanted]}.`);
}

const HELD = { text: "text", image: "an image", audio: "a sound" } as const;
const READ = { text: "text", image: "images", audio: "sounds" } as const;

/** A row that cannot be embedded, and why. */
export function rejected(row: Row, reason: string): RejectedRow {
  const { id, source, position } = row;
  return { state: "rejected", id, source, reason, ...(position !== undefined && { position }) };
}
