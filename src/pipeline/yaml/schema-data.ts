import { z } from "zod";
import { ENCODINGS, FORMATS } from "./choices.js";

const column = z.string().min(1);
const role = z.string();

/** Keys that say where the rows come from; the words are those of `headstart embed`. */
export const dataSchema = z
  .strictObject({
    input: z
      .string()
      .min(1)
      .describe(
        "A file, a pattern such as data/*.csv, or a folder of images or sounds whose folder names are the classes. Relative to the working directory.",
      ),
    format: z.enum(FORMATS).describe("How the input is read. Default: by its name.").exactOptional(),
    text: column.describe("Column with the text. Default: guessed where only one fits.").exactOptional(),
    image: column
      .describe("Column with images: bytes, or paths relative to the input's folder.")
      .exactOptional(),
    audio: column
      .describe("Column with sounds: bytes, or paths relative to the input's folder.")
      .exactOptional(),
    label: role.describe('Column with the label, "" for none. Default: guessed by its name.').exactOptional(),
    multiLabel: z
      .union([z.boolean(), z.string().min(1).max(3)])
      .describe(
        'Several labels a row: true for lists and texts such as ["a","b"], else what separates them: "|". Default: one.',
      )
      .exactOptional(),
    id: role
      .describe('Column with a unique id, "" for none. Default: by its name, else by position.')
      .exactOptional(),
    split: role
      .describe('Column that says train or test, "" for none. Default: guessed by its name.')
      .exactOptional(),
    keep: z
      .array(column)
      .describe("Further columns to keep in the embeddings file, under their own names.")
      .exactOptional(),
    encoding: z.enum(ENCODINGS).describe("Of text files. Default: utf-8.").exactOptional(),
    table: z.string().min(1).describe("Table of a database. Default: its only one.").exactOptional(),
    where: z
      .array(z.string().min(1))
      .describe("Conditions that a row must meet, all of them, such as: stars >= 4")
      .exactOptional(),
    limit: z.int().min(1).describe("At most so many rows, the first that meet 'where'.").exactOptional(),
    sample: z
      .number()
      .gt(0)
      .lt(1)
      .describe("A share of the rows, chosen by the hash of their ids.")
      .exactOptional(),
    fetch: z.boolean().describe("Fetch what is named by http(s) addresses. Default: false.").exactOptional(),
    fetchHost: z
      .array(z.string().min(1))
      .describe("With fetch: hosts that are fetched from though they are not on the open internet.")
      .exactOptional(),
  })
  .describe("The rows.");
