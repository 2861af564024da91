import { access, readFile } from "node:fs/promises";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";
import { type NpyMeta, npySidecars } from "../../embeddings/interchange/npy-target.js";

/** The table of ids and labels that lies beside a `.npy` file; null where there is none. */
export async function sidecarOf(path: string): Promise<string | null> {
  const { rows } = npySidecars(path);
  for (const candidate of [rows, rows.replace(/\.csv$/, ".jsonl")]) {
    const found = await access(candidate).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return null;
}

/**
 * What lies beside embeddings that were written as `.npy`; null where there is nothing.
 * @throws {HeadstartError} `data` if it is of another file.
 */
export async function readNpyMeta(path: string): Promise<NpyMeta | null> {
  const { meta } = npySidecars(path);
  let content: NpyMeta;
  try {
    content = JSON.parse(await readFile(meta, "utf8")) as NpyMeta;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return null;
    throw new HeadstartError("data", `Cannot read ${meta}: ${messageOf(cause)}`, {
      facts: { path: meta },
      hint: `It says where the vectors of ${path} come from; without it they are of unknown origin.`,
      cause,
    });
  }
  return content;
}

/** The metadata beside a `.npy` file is of another one. */
export function otherMeta(path: string, rows: number, found: number): HeadstartError {
  const { meta } = npySidecars(path);
  return new HeadstartError("data", `${meta} is of ${rows} vectors, and ${path} has ${found}`, {
    facts: { path, meta },
    hint: "It belongs to another file of that name: move it away, or say --ids and --backbone or --origin.",
  });
}

/** The metadata beside a `.npy` file is there, but not the ids and labels that were written with it. */
export function withoutSidecar(path: string): HeadstartError {
  const { rows, meta } = npySidecars(path);
  return new HeadstartError("data", `${meta} is there, but not the ids and labels of ${path}`, {
    facts: { path, rows, meta },
    hint: `Looked for ${rows}; name the table that was written: --ids <file>.`,
  });
}
