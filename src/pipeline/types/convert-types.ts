import type { Modality } from "../../backbones/backbone.js";
import type { RunControl } from "./run-types.js";

export interface ConvertOptions extends Omit<RunControl, "blocking"> {
  /** Embeddings as `.arrow`, `.arrows`, `.parquet` or `.npy`, or `-` for stdin; or vectors that others wrote so. */
  readonly input: string;
  /** `.arrow`, `.arrows` (a stream), `.parquet` or `.npy`; `-` writes an Arrow stream to stdout. */
  readonly out: string;
  /** Of others' tables: the column with the vectors; default: the only one, or the one called `embedding`. */
  readonly embedding?: string;
  /** Of others' tables; default: by its name, else source and position. `""`: none. */
  readonly id?: string;
  /** Of others' tables; default: by its name. `""`: none. */
  readonly label?: string;
  /** Of others' tables; default: by its name. `""`: none. */
  readonly split?: string;
  /** Of others' tables: further columns that go along, as text, numbers or booleans. */
  readonly keep?: readonly string[];
  /** For `.npy`: a table with the ids and labels, a row a vector; default: `x.rows.csv` beside `x.npy`. */
  readonly ids?: string;
  /** Of others' vectors: the backbone that made them, which new input is then embedded with. */
  readonly backbone?: string;
  /** Of others' vectors: what made them, in words; vectors of one origin can be used together. */
  readonly origin?: string;
  /** Of others' vectors: what they were made from; default: what the backbone reads, else `text`. */
  readonly modality?: Modality;
  /** Where ids and labels go when `out` is `.npy`: `.csv` or `.jsonl`; default: `x.rows.csv` beside `x.npy`. */
  readonly rows?: string;
  /** What the input `-` reads; default the process's stdin. */
  readonly stdin?: NodeJS.ReadableStream;
  /** What the output `-` writes; default the process's stdout. */
  readonly stdout?: NodeJS.WritableStream;
}

export interface ConvertResult {
  readonly out: string;
  /** All files that were written, `out` first. */
  readonly files: readonly string[];
  readonly rows: number;
  readonly rejects: number;
  /** `<out>.rejects.jsonl`, a line a rejected row; null where there is none. */
  readonly rejectsFile: string | null;
  readonly dim: number;
  /** How the numbers are stored. */
  readonly store: "fp32" | "fp16";
  readonly backbone: string;
  readonly fingerprint: string;
  /** What was guessed about the input, in sentences. */
  readonly guesses: readonly string[];
  readonly seconds: number;
}
