import type { SuspectRow } from "./types/audit-types.js";

/** Suspects as CSV: `id,source,label,suggested_label,self_confidence,margin`, numbers to six digits. */
export function suspectsCsv(suspects: readonly SuspectRow[]): string {
  const quote = (value: string): string =>
    /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const lines = suspects.map((one) =>
    [one.id, one.source ?? "", one.label, one.suggested, one.selfConfidence.toFixed(6), one.margin.toFixed(6)]
      .map(quote)
      .join(","),
  );
  return `${["id,source,label,suggested_label,self_confidence,margin", ...lines].join("\n")}\n`;
}
