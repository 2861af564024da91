import type { OnProgress } from "../../core/progress.js";
import type { InputFormat } from "../../data/input-formats.js";
import type { Device } from "../../onnx/session.js";

/** What every long-running command takes. */
export interface RunControl {
  readonly onProgress?: OnProgress;
  /** Aborting keeps the work so far and throws `interrupted`. */
  readonly signal?: AbortSignal;
  /** Runs work that keeps the event loop from turning, such as a fit: no signal is heard meanwhile. */
  readonly blocking?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** How the input is read. Columns are guessed where there is only one sensible choice. */
export interface InputOptions {
  readonly format?: InputFormat;
  /** Column with the text. */
  readonly text?: string;
  /** Column with images: paths or bytes. */
  readonly image?: string;
  /** Column with sounds: paths or bytes. */
  readonly audio?: string;
  readonly label?: string;
  /** Several labels a row: `true` for lists and texts such as `["a","b"]`, else what separates them: `|`. Tables only. */
  readonly multiLabel?: boolean | string;
  readonly id?: string;
  readonly split?: string;
  /** Default `utf-8`. */
  readonly encoding?: "utf-8" | "latin1";
  /** Table of a database (SQLite, DuckDB); default: its only one. */
  readonly table?: string;
  /** Conditions that a row must meet, all of them: `stars >= 4`, `lang = en`, `text != ""`. */
  readonly where?: readonly string[];
  /** At most so many rows, the first ones that meet `where`. */
  readonly limit?: number;
  /** A share of the rows (below 1), chosen by the hash of their ids: the same rows at every run. */
  readonly sample?: number;
  /** Fetch an input, and contents, that are named by http and https addresses; default: that is refused. */
  readonly fetch?: boolean;
  /** With `fetch`: hosts that rows may lead to though they are not on the open internet, such as `10.0.0.5:8080`. */
  readonly fetchHost?: readonly string[];
}

/** Where and how the backbone runs; changes speed, never a vector. */
export interface ComputeOptions {
  /** Default `cpu`. */
  readonly device?: Device | "auto";
  /** Of each session; default: the processors that this process may use, divided among the sessions. */
  readonly threads?: number;
}
