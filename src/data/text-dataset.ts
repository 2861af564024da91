import { HeadstartError } from "../core/errors.js";
import type { ByteSource } from "./byte-source.js";
import { type DatasetOptions, refuseColumns } from "./dataset-options.js";
import type { Dataset, RejectedRow, Row } from "./row.js";
import { recordLimit } from "./table.js";
import { textContent } from "./text-content.js";
import { type TextLine, textLines } from "./text-lines.js";
import { utf8Bytes } from "./utf8-bytes.js";

/**
 * Plain text as a data set: a line a row, `file:line` its id; blank lines are rejected rows.
 * @throws {HeadstartError} `data` if the source is empty.
 */
export async function textDataset(
  input: string,
  source: ByteSource,
  options: DatasetOptions & { readonly maxTextLength: number },
  identity: string | null,
): Promise<Dataset> {
  const { name } = source;
  refuseColumns(options, name, "plain text");
  const lines = (): AsyncGenerator<TextLine> =>
    textLines(utf8Bytes(source.bytes(), name, options.encoding), recordLimit(options.maxTextLength));
  const opened = lines();
  const first = await opened.next();
  if (first.done) {
    throw new HeadstartError("data", `${name} has no rows`, {
      facts: { file: name },
      hint: "The file is empty.",
    });
  }
  if (source.rereadable) await opened.return(undefined);
  let replayed = false;

  const rowOf = ({ line, text, tooLong }: TextLine): Row | RejectedRow => {
    const id = `${name}:${line}`;
    const content = tooLong
      ? { reason: `text of more than ${options.maxTextLength} characters` }
      : textContent(text, options.maxTextLength);
    return "reason" in content
      ? { state: "rejected", id, source: id, reason: content.reason }
      : { state: "row", id, content, label: null, split: null, source: id };
  };
  return Object.freeze({
    name: input,
    modality: "text",
    columns: { content: null, label: null, id: null, split: null },
    kept: [],
    guesses: [`text: each line is a row; ids: "${name}:LINE"`],
    count: null,
    shareRead: source.shareRead,
    identity,
    async *rows() {
      const replay = !source.rereadable && !replayed;
      replayed = true;
      if (replay) yield rowOf(first.value);
      for await (const line of replay ? opened : lines()) yield rowOf(line);
    },
  } satisfies Dataset);
}
