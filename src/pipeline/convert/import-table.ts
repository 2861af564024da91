import { resolveBackbone } from "../../backbones/resolve-backbone.js";
import { HeadstartError } from "../../core/errors.js";
import { statedMeta } from "../../embeddings/file/open-embeddings.js";
import { type EmbeddingsMeta, FORMAT_VERSION, METADATA } from "../../embeddings/file/schema.js";
import type { EmbeddingsSource } from "../../embeddings/interchange/embeddings-source.js";
import { chooseImport } from "../../embeddings/interchange/import-columns.js";
import { importEmbeddings } from "../../embeddings/interchange/import-embeddings.js";
import { type ForeignOrigin, unknownBackbone } from "../../embeddings/interchange/unknown-backbone.js";
import type { VectorTable } from "../../embeddings/interchange/vector-table.js";
import { defined } from "../defined.js";
import type { ConvertOptions } from "../types.js";

/** Where imported vectors come from: a key of the file's metadata. */
const IMPORTED = "headstart.imported";

/** Takes a table that others wrote as embeddings. @throws {HeadstartError} `data`, `usage`, `model`. */
export async function importTable(table: VectorTable, options: ConvertOptions): Promise<EmbeddingsSource> {
  try {
    const columns = chooseImport(table, options);
    const shape = await table.shape(columns.embedding);
    if (shape === null) {
      throw new HeadstartError("data", `${table.name} has no vector in column '${columns.embedding}'`, {
        facts: { file: table.name, column: columns.embedding },
        hint: "Every row of it is null or empty.",
      });
    }
    const stated = await statedOf(table, shape.dim, options);
    const meta: EmbeddingsMeta = { ...stated, vectors: shape.half ? "fp16" : "fp32", kept: columns.kept };
    const notes = meta.extra[IMPORTED] === undefined || options.backbone || options.origin ? [] : [UNKNOWN];
    const source = importEmbeddings(table, { columns, meta });
    return { ...source, notes: [...source.notes, ...notes] };
  } catch (thrown) {
    await table.close();
    throw thrown;
  }
}

const UNKNOWN =
  "origin: unknown; --backbone <id> says which backbone made the vectors, --origin <words> names anything else";

/** What is known of the vectors beside their columns. */
type StatedMeta = Omit<EmbeddingsMeta, "vectors" | "kept">;

async function statedOf(table: VectorTable, dim: number, options: ConvertOptions): Promise<StatedMeta> {
  const { backbone, origin, modality } = options;
  if (backbone !== undefined && origin !== undefined) {
    throw new HeadstartError("usage", "--backbone and --origin both say where the vectors come from", {
      hint: "Give --backbone for one that runs here, --origin for anything else.",
    });
  }
  // Embeddings of ours that another program has rewritten still tell where they come from.
  if (backbone === undefined && origin === undefined && table.metadata.has(METADATA.format)) {
    const found = statedMeta(table.name, table.metadata);
    if (found.backbone.dim === dim) return found;
  }
  const from = backbone === undefined ? null : await named(backbone, table.name, dim, options);
  const { spec, fingerprint } = from ?? unknownBackbone(origin ?? null, dim, modality ?? "text");
  return {
    format: FORMAT_VERSION,
    backbone: spec,
    fingerprint,
    dataset: options.input,
    created: new Date().toISOString(),
    extra: { [IMPORTED]: table.name },
  };
}

async function named(id: string, name: string, dim: number, options: ConvertOptions): Promise<ForeignOrigin> {
  const { modality, onProgress, signal } = options;
  const { spec, fingerprint } = await resolveBackbone(id, defined({ modality, onProgress, signal }));
  if (spec.dim === dim) return { spec, fingerprint };
  throw new HeadstartError("data", `${name} has vectors of ${dim} numbers, and '${id}' makes ${spec.dim}`, {
    facts: { file: name, dim, backbone: id, expected: spec.dim, flag: "--backbone" },
    hint: "Name the backbone that made them; if it does not run here, name it with --origin.",
  });
}
