import { HeadstartError } from "../../core/errors.js";

/** The error for a JSON model that cannot be taken over. */
export const damagedModel = (what: string, facts: Record<string, unknown> = {}): HeadstartError =>
  new HeadstartError("data", `The model cannot be imported: ${what}`, {
    facts,
    hint: "Give what JSON.stringify(model) wrote of a trained model of ml-svm or ml-random-forest (classifier).",
  });
