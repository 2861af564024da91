import type { z } from "zod";
import { HeadstartError } from "../core/errors.js";

/**
 * Validates what was given for an estimator and fills in the defaults.
 * @returns the options, frozen.
 * @throws {HeadstartError} `usage` naming each option that is unknown or out of range.
 */
export function parseOptions<Schema extends z.ZodObject>(
  estimator: string,
  schema: Schema,
  given: unknown,
): Readonly<z.output<Schema>> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message,
  );
  throw new HeadstartError("usage", `${estimator}: ${problems.join("; ")}`, {
    facts: { estimator, problems },
    hint: `Options: ${Object.keys(schema.shape).join(", ")}`,
    cause: parsed.error,
  });
}
