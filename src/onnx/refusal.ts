import { type ErrorCode, type ErrorFacts, HeadstartError } from "../core/errors.js";

/** Makes the error for a model that is refused: what is wrong, and the remedy. */
export type Refuse = (message: string, hint: string, facts?: ErrorFacts) => HeadstartError;

/** Errors that name the model's file. */
export function refusal(file: string, code: ErrorCode): Refuse {
  return (message, hint, facts = {}) =>
    new HeadstartError(code, `${file}: ${message}`, { facts: { file, ...facts }, hint });
}

/** At most eight names, and how many more there are. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `'${name.length > 80 ? `${name.slice(0, 80)}…` : name}'`);
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}

/** What to do about a file that no exporter would have written. */
export const FETCH_AGAIN = "The file is damaged or made to do harm: fetch it or export it again.";
