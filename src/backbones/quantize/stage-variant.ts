import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { makeFolder } from "../../core/make-folder.js";

/** Where `--precision int8` looks, in a checkpoint's folder. */
export const VARIANT_GRAPH = "onnx/model_int8.onnx";
/** Where its manifest lies. */
export const VARIANT_MANIFEST = "onnx/model_int8.json";

/** Configuration, vocabularies, the licence: all that a checkpoint is but for its weights. */
const SMALL_FILE = /\.(json|txt|model|jinja|md)$|^(LICENSE|NOTICE)/i;
/** A module of sentence-transformers, its weights included. */
const MODULE_FOLDER = /^\d+_/;

/**
 * Makes a folder into a checkpoint of its own: the files of another one without its weights, and an int8 graph.
 * @param folder - made where it is missing.
 * @param source - the checkpoint's folder; links in it (a Hub cache) become files.
 * @throws {HeadstartError} `io` if the folder cannot be written.
 */
export async function stageVariant(folder: string, source: string, graph: Uint8Array): Promise<void> {
  await writeFileAtomic(join(folder, VARIANT_GRAPH), graph);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    // The embedded backbones' own; it tells of other weights.
    if (entry.name === "manifest.json") continue;
    const isModule = entry.isDirectory() && MODULE_FOLDER.test(entry.name);
    if (!isModule && (entry.isDirectory() || !SMALL_FILE.test(entry.name))) continue;
    await makeFolder(folder);
    await cp(join(source, entry.name), join(folder, entry.name), { recursive: true, dereference: true });
  }
}
