import { HeadstartError } from "../../core/errors.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { HeadPredictions, LoadedHead } from "../load-head.js";
import { type HeadSample, readHeadSample } from "./head-sample.js";
import { readContent } from "./sample-content.js";

/** How a head answers the sample in its file. */
export interface SampleCheck {
  readonly rows: number;
  /** Of scores and probabilities, relative to max(1, |value|). */
  readonly largestDifference: number;
}

/**
 * Runs a head on the sample that is stored with it, and compares its answers with those of the model that it was written
 * from. Labels may differ only where the scores that decide are closer than the tolerance.
 * @param text - `headstart.sample` of its file.
 * @throws {HeadstartError} `model` naming the first row that differs by more than the sample's tolerance; `format` if the
 *   sample is damaged.
 */
export async function checkSample(
  text: string,
  { classes, dim, run }: Pick<LoadedHead, "classes" | "dim" | "run">,
): Promise<SampleCheck> {
  const sample = readHeadSample(text, dim, classes.length);
  const answers = await run(readContent(sample.content));
  const { scores, probabilities, tolerance } = sample;
  const largestDifference = Math.max(
    difference("score", scores, answers.scores, { tolerance, classes }),
    difference("probability", probabilities, answers.probabilities, { tolerance, classes }),
  );
  compareLabels(sample, answers, classes);
  return { rows: sample.content.rows, largestDifference };
}

function difference(
  what: string,
  trained: HeadSample["probabilities"],
  here: Matrix | null,
  { tolerance, classes }: { readonly tolerance: number; readonly classes: readonly string[] },
): number {
  if (trained === null || here === null) {
    if (trained === null && here === null) return 0;
    throw refused(`its graph ${here === null ? "lacks" : "has"} the output for the ${what}`, {});
  }
  let largest = 0;
  trained.forEach((values, row) => {
    values.forEach((value, k) => {
      const now = here.data[row * classes.length + k]!;
      const found = Math.abs(now - value) / Math.max(1, Math.abs(value));
      largest = Math.max(largest, found);
      if (found <= tolerance) return;
      const facts = { row, class: classes[k], trained: value, here: now, tolerance };
      throw refused(
        `row ${row} of its sample has the ${what} ${now} for '${classes[k]}', not ${value}`,
        facts,
      );
    });
  });
  return largest;
}

function compareLabels(
  { labels, decided, scores, tolerance }: HeadSample,
  answers: HeadPredictions,
  classes: readonly string[],
): void {
  scores.forEach((values, row) => {
    const [first = 0, second = first] = [...values].sort((a, b) => b - a);
    const tie = first - second <= 2 * tolerance * Math.max(1, Math.abs(first));
    const now = answers.labels[row];
    if (labels[row] !== now && !tie) {
      throw refused(`row ${row} of its sample is '${now}', not '${labels[row]}'`, { row });
    }
    values.forEach((value, k) => {
      const given = answers.decided?.[row * classes.length + k];
      if (decided?.[row]?.[k] === given || Math.abs(value) <= tolerance) return;
      throw refused(`row ${row} of its sample is ${given === 1 ? "" : "not "}given '${classes[k]}'`, { row });
    });
  });
}

const refused = (what: string, facts: Record<string, unknown>): HeadstartError =>
  new HeadstartError("model", `The head does not answer as it did when it was trained: ${what}`, {
    facts,
    hint: "Its file was changed or damaged, or ONNX Runtime computes otherwise here: copy the file anew from where it was trained, or train the head again.",
  });
