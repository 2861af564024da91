import { stat } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import { canonicalJson } from "../../core/hash.js";
import { CONTRACT_COLUMNS } from "../../data/kept-columns.js";
import { type OpenEmbeddings, openEmbeddings } from "../file/open-embeddings.js";
import { partPaths } from "../file/part-file.js";

/** An embeddings file that is to be merged. */
export interface MergeInput {
  readonly path: string;
  readonly file: OpenEmbeddings;
}

/**
 * Opens the files that are to be one.
 * @throws {HeadstartError} `data` for a file whose run is not finished, and for one whose vectors or columns are not
 * those of the first (`fingerprint` where the backbone is another); `io` and `format` as `openEmbeddings`.
 */
export async function openMergeInputs(paths: readonly string[]): Promise<MergeInput[]> {
  const inputs: MergeInput[] = [];
  try {
    for (const path of paths) {
      await refuseUnfinished(path);
      const input = { path, file: await openEmbeddings(path) };
      inputs.push(input);
      checkColumns(input);
      checkAlike(inputs[0]!, input);
    }
    return inputs;
  } catch (thrown) {
    for (const { file } of inputs) await file.close();
    throw thrown;
  }
}

/** A part file beside a target is a run under way, or one that was interrupted, whether or not there is a target. */
async function refuseUnfinished(path: string): Promise<void> {
  const { part, state } = partPaths(path);
  const found = await stat(state).then(
    () => true,
    () => false,
  );
  if (!found) return;
  throw new HeadstartError("data", `${path} is not finished: its run has left ${part}`, {
    facts: { path, part },
    hint: "Run the same embed command again to finish it.",
  });
}

function checkColumns({ path, file }: MergeInput): void {
  const known = new Set<string>([...CONTRACT_COLUMNS, ...file.meta.kept.map(({ name }) => name)]);
  const others = file.reader.schema.fields.map(({ name }) => name).filter((name) => !known.has(name));
  if (others.length === 0) return;
  throw new HeadstartError("data", `${path} has columns that cannot be merged: ${others.join(", ")}`, {
    facts: { path, columns: others },
    hint: "Columns beyond the format's hold text, numbers, booleans or dates; leave the others out.",
  });
}

function checkAlike(first: MergeInput, other: MergeInput): void {
  const [a, b] = [first.file.meta, other.file.meta];
  const differs = (what: string, hint: string, code: "data" | "fingerprint" = "data"): HeadstartError =>
    new HeadstartError(code, `${other.path} and ${first.path} cannot be one file: ${what}`, {
      facts: { path: other.path, first: first.path },
      hint,
    });
  const same = "Embed both with the same options.";
  if (a.fingerprint !== b.fingerprint) {
    throw differs(
      `their fingerprints differ, ${b.fingerprint.slice(0, 12)} (${b.backbone.id}) and ${a.fingerprint.slice(0, 12)} (${a.backbone.id})`,
      "Vectors of two backbones, or of one with other options, do not compare: embed both alike.",
      "fingerprint",
    );
  }
  if (a.vectors !== b.vectors) throw differs(`vectors are stored as ${b.vectors} and ${a.vectors}`, same);
  if (a.labels !== b.labels) throw differs("one has a label a row, the other several", same);
  const columns = keptDifference(first, other);
  if (columns !== null) throw differs(columns, "Embed both with the same --keep.");
}

/** How the kept columns of two files differ, in words; null where they do not. */
function keptDifference(first: MergeInput, other: MergeInput): string | null {
  const keptOf = ({ file: { meta } }: MergeInput) =>
    meta.kept.filter(({ name }) => name !== meta.shard?.position);
  const [a, b] = [keptOf(first), keptOf(other)];
  if (canonicalJson(a) === canonicalJson(b)) return null;
  const typeIn = (kept: typeof a, wanted: string) => kept.find(({ name }) => name === wanted)?.type ?? null;
  const only = (kept: typeof a, others: typeof a, path: string): string[] => {
    const names = kept.filter(({ name }) => typeIn(others, name) === null).map(({ name }) => `'${name}'`);
    return names.length === 0 ? [] : [`only ${path} keeps ${names.join(", ")}`];
  };
  const types = b.flatMap(({ name, type }) => {
    const before = typeIn(a, name);
    return before === null || before === type
      ? []
      : [`'${name}' is ${type} in one and ${before} in the other`];
  });
  const found = [...only(b, a, other.path), ...only(a, b, first.path), ...types];
  if (found.length > 0) return found.join("; ");
  const listed = (kept: typeof a) => kept.map(({ name }) => name).join(", ");
  return `they keep the same columns in another order, ${listed(b)} and ${listed(a)}`;
}
