import { fileSink, streamSink } from "../../core/byte-sink.js";
import { arrowTarget } from "../../embeddings/interchange/arrow-target.js";
import type { EmbeddingsSource } from "../../embeddings/interchange/embeddings-source.js";
import type { EmbeddingsTarget } from "../../embeddings/interchange/embeddings-target.js";
import { npyTarget } from "../../embeddings/interchange/npy-target.js";
import { parquetTarget } from "../../embeddings/interchange/parquet-target.js";
import type { ConvertOptions } from "../types.js";
import type { ConvertFormat } from "./convert-format.js";

/**
 * Opens what embeddings are written to.
 * @param source - for an Arrow file, one that tells its classes.
 */
export async function openTarget(
  format: ConvertFormat,
  source: EmbeddingsSource,
  { out, rows, stdout }: Pick<ConvertOptions, "out" | "rows" | "stdout">,
): Promise<EmbeddingsTarget> {
  if (format === "npy") return npyTarget(out, source.schema, source.meta, rows);
  const seen = format === "arrow" ? await source.classes!() : null;
  const sink = out === "-" ? streamSink(stdout ?? process.stdout, "stdout") : await fileSink(out);
  try {
    if (format === "parquet") return await parquetTarget(out, sink, source.schema);
    return await arrowTarget(out, sink, source.schema, seen);
  } catch (thrown) {
    await sink.discard();
    throw thrown;
  }
}
