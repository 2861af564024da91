import { classificationReport } from "../evaluation/classification-report.js";
import type { Metrics } from "./types.js";

/** Figures of a confusion matrix beside the floor: the share of the class that training rows have most of. */
export function metricsOf(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
  training: readonly { readonly name: string; readonly rows: number }[],
): Metrics {
  const { perClass, ...figures } = classificationReport(confusion, classes);
  const majority = training.reduce((most, one) => (one.rows > most.rows ? one : most)).name;
  const rows = perClass.reduce((sum, one) => sum + one.rows, 0);
  const floor = (perClass.find((one) => one.name === majority)?.rows ?? 0) / rows;
  return { ...figures, floor };
}
