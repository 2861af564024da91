import { HeadstartError, messageOf } from "../core/errors.js";
import { systemCode } from "../core/system-code.js";
import type { RejectedRow, Row } from "../data/row.js";

/** Model inputs of a stretch of rows, the contents that occur twice prepared once. */
export interface Window<Input> {
  /** Rows of the input that this window stands for, the rejected ones included. */
  readonly consumed: number;
  /** The rows that can be embedded, in the input's order. */
  readonly rows: readonly Row[];
  readonly hashes: readonly Uint8Array[];
  /** The distinct inputs. */
  readonly inputs: readonly Input[];
  /** For each row, the index of its input. */
  readonly inputOf: readonly number[];
  readonly rejects: readonly RejectedRow[];
  /** Rows whose content was longer than the model takes. */
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

/** A window that rows are added to. */
export interface OpenWindow<Input> {
  /** Rows so far, the rejected ones included. */
  readonly consumed: number;
  /** @returns whether the row brought an input that the window did not have. */
  add(item: PreparedRow<Input> | RejectedRow): boolean;
  close(): Window<Input>;
}

/** An empty window. */
export function openWindow<Input>(): OpenWindow<Input> {
  const rows: Row[] = [];
  const hashes: Uint8Array[] = [];
  const inputs: Input[] = [];
  const inputOf: number[] = [];
  const rejects: RejectedRow[] = [];
  const slots = new Map<string, number>();
  let truncated = 0;
  const window = {
    consumed: 0,
    add(item: PreparedRow<Input> | RejectedRow): boolean {
      window.consumed++;
      if (item.state === "rejected") {
        rejects.push(item);
        return false;
      }
      const key = Buffer.from(item.hash).toString("latin1");
      const known = slots.get(key);
      const slot = known ?? inputs.push(item.input) - 1;
      slots.set(key, slot);
      rows.push(item.row);
      hashes.push(item.hash);
      inputOf.push(slot);
      if (item.truncated) truncated++;
      return known === undefined;
    },
    close: () =>
      Object.freeze({ consumed: window.consumed, rows, hashes, inputs, inputOf, rejects, truncated }),
  };
  return window;
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
  return { state: "rejected", id: row.id, source: row.source, reason };
}
