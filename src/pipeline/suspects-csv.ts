import { labelJoiner } from "./multi-label/joined-labels.js";
import type { SuspectRow } from "./types/audit-types.js";

/** Suspects as CSV: `id,source,label,suggested_label,self_confidence,margin`, numbers to six digits. */
export function suspectsCsv(suspects: readonly SuspectRow[]): string {
  const lines = suspects.map((one) =>
    [one.id, one.source ?? "", one.label, one.suggested, one.selfConfidence.toFixed(6), one.margin.toFixed(6)]
      .map(quote)
      .join(","),
  );
  return `${["id,source,label,suggested_label,self_confidence,margin", ...lines].join("\n")}\n`;
}

/**
 * The same where rows have several labels: `id,source,labels,label,given,suggested,self_confidence,margin`, `labels` being
 * all that the row has, joined as predictions are.
 * @param known - all labels.
 */
export function labelSuspectsCsv(suspects: readonly SuspectRow[], known: readonly string[]): string {
  const join = labelJoiner(known);
  const lines = suspects.map((one) =>
    [
      ...[one.id, one.source ?? "", join(one.labels ?? []), one.label, one.given ?? "", one.suggested],
      ...[one.selfConfidence.toFixed(6), one.margin.toFixed(6)],
    ]
      .map(quote)
      .join(","),
  );
  return `${["id,source,labels,label,given,suggested,self_confidence,margin", ...lines].join("\n")}\n`;
}

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
