import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TOKENIZER_CONFIG_KEY, TOKENIZER_KEY } from "./classifier-record.js";

/** Larger vocabularies stay beside the checkpoint. */
const MOST_CHARACTERS = 2 ** 25;

/** The checkpoint's tokenizer files as they are, so that a text can be turned into token ids without the checkpoint. */
export async function tokenizerMetadata(folder: string): Promise<Record<string, string>> {
  const files = [
    [TOKENIZER_KEY, "tokenizer.json"],
    [TOKENIZER_CONFIG_KEY, "tokenizer_config.json"],
  ] as const;
  const found = await Promise.all(
    files.map(
      async ([key, name]) => [key, await readFile(join(folder, name), "utf8").catch(() => null)] as const,
    ),
  );
  return Object.fromEntries(
    found.flatMap(([key, text]) => (text !== null && text.length <= MOST_CHARACTERS ? [[key, text]] : [])),
  );
}
