import { z } from "zod";
import { HeadstartError } from "../core/errors.js";

/** `classWeight` of every head that has one. */
export const classWeightOption = z
  .union([z.null(), z.literal("balanced"), z.record(z.string(), z.number().positive())])
  .default(null)
  .describe(
    'Weight of each class in the loss: null, "balanced" (n / (classes * count)), or a number a class',
  );

/** `seed` of every head that draws random numbers. */
export const seedOption = z.int().min(0).max(0xffffffff).default(0).describe("Seed of the random numbers");

/**
 * Checks the options of a head against its schema and fills in the defaults.
 * @param head - its name, for the message.
 * @returns frozen options.
 * @throws {HeadstartError} `usage` naming the option that is wrong, and those that exist.
 */
export function parseOptions<Shape extends z.ZodRawShape>(
  head: string,
  schema: z.ZodObject<Shape>,
  options: unknown,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const result = schema.safeParse(options ?? {});
  if (result.success) return Object.freeze(result.data);
  const existing = Object.keys(schema.shape);
  const hint = `Options of ${head}: ${existing.join(", ") || "none"}.`;
  const issue = result.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => `'${key}'`).join(", ");
    throw new HeadstartError("usage", `${head} has no option ${keys}`, {
      facts: { head, options: issue.keys, existing },
      hint,
      cause: result.error,
    });
  }
  const option = issue.path.join(".");
  throw new HeadstartError("usage", `Option '${option}' of ${head}: ${issue.message}`, {
    facts: { head, option, value: valueAt(options, issue.path), existing },
    hint: describe(schema, issue.path[0]) ?? hint,
    cause: result.error,
  });
}

function valueAt(options: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value !== null && typeof value === "object" ? Reflect.get(value, key) : undefined),
    options,
  );
}

function describe(schema: z.ZodObject, key: PropertyKey | undefined): string | undefined {
  const text = typeof key === "string" ? schema.shape[key] : undefined;
  const description = text instanceof z.ZodType ? text.description : undefined;
  return description === undefined ? undefined : `${String(key)}: ${description}.`;
}
