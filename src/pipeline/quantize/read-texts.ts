import { HeadstartError } from "../../core/errors.js";
import { openDataset } from "../../data/open-dataset.js";

/** Distinct texts of a data set, in its order, with their labels. */
export interface ReadTexts {
  readonly texts: readonly string[];
  /** Null where a row has none. */
  readonly labels: readonly (string | null)[];
}

/**
 * Reads the first texts of a data set; bad rows and repetitions are passed over.
 * @throws {HeadstartError} `usage` if it holds no text; else as `openDataset` does.
 */
export async function readTexts(
  input: string,
  options: { readonly text?: string; readonly label?: string; readonly most: number },
): Promise<ReadTexts> {
  const { text, label, most } = options;
  const dataset = await openDataset(input, {
    ...(text !== undefined && { text }),
    ...(label !== undefined && { label }),
  });
  if (dataset.modality !== "text") {
    throw new HeadstartError("usage", `${input} holds no text, and int8 variants are made for text`, {
      facts: { input, modality: dataset.modality },
      hint: "Name a table with a text column.",
    });
  }
  const found = new Map<string, string | null>();
  for await (const row of dataset.rows()) {
    if (row.state === "row" && row.content.kind === "text" && !found.has(row.content.text)) {
      found.set(row.content.text, row.label);
    }
    if (found.size === most) break;
  }
  return { texts: [...found.keys()], labels: [...found.values()] };
}
