import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The files of a checkpoint's folder and of its `onnx` folder, relative to it, with forward slashes; sorted. */
export async function checkpointFiles(folder: string): Promise<string[]> {
  const names = async (path: string): Promise<string[]> =>
    (await readdir(path, { withFileTypes: true }).catch(() => []))
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name);
  const inner = (await names(join(folder, "onnx"))).map((name) => `onnx/${name}`);
  return [...(await names(folder)), ...inner].sort();
}
