import { z } from "zod";
import { nearestName } from "./nearest-name.js";

/** One thing wrong with a configuration, by its place in it. */
export interface Problem {
  /** Keys and indices from the root. */
  readonly path: readonly (string | number)[];
  /** Whether the key itself is wrong, rather than its value. */
  readonly at: "key" | "value";
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What zod found, in words, a problem for each unknown key; known keys are looked up in `schema`. */
export function schemaProblems(error: z.ZodError, schema: z.ZodType): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, [], schema));
}

function problemsOf(issue: Issue, prefix: readonly (string | number)[], schema: z.ZodType): Problem[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({ path: [...path, key], at: "key", message: unknownKey(key, known) }));
  }
  if (issue.code === "invalid_union") {
    const branch = likeliest(issue.errors);
    return branch === undefined
      ? [{ path, at: "value", message: issue.message }]
      : branch.flatMap((inner) => problemsOf(inner, path, schema));
  }
  if (
    issue.code === "invalid_type" &&
    issue.input === undefined &&
    issue.message.endsWith("received undefined")
  ) {
    return [{ path, at: "value", message: `'${path.at(-1)}' is missing` }];
  }
  const name = path.length === 0 ? "" : `${path.join(".")}: `;
  return [{ path, at: "value", message: name + inWords(issue) }];
}

function inWords(issue: Issue): string {
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_type") return issue.message.replace("Invalid input: ", "");
  return issue.message;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  return `unknown key '${key}'; ${near === null ? `known here: ${known.join(", ")}` : `did you mean '${near}'?`}`;
}

/** The branch of a union that was meant: one whose outermost type fits, if there is one. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return (
    branches.find(
      (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type"),
    ) ?? branches.at(-1)
  );
}

/** The keys that an object may have at `path`. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let here: z.core.$ZodType[] = [schema];
  for (const part of path) here = here.flatMap((type) => childrenOf(type, part));
  return [
    ...new Set(
      here.flatMap(unwrap).flatMap((type) => (type instanceof z.ZodObject ? Object.keys(type.shape) : [])),
    ),
  ];
}

function childrenOf(type: z.core.$ZodType, part: string | number): z.core.$ZodType[] {
  return unwrap(type).flatMap((inner) => {
    if (inner instanceof z.ZodObject) return inner.shape[part] === undefined ? [] : [inner.shape[part]];
    return inner instanceof z.ZodArray ? [inner.element] : [];
  });
}

/** The types inside optional wrappers and unions. */
function unwrap(type: z.core.$ZodType): z.core.$ZodType[] {
  if (type instanceof z.ZodUnion) return type.options.flatMap(unwrap);
  if (type instanceof z.ZodOptional || type instanceof z.ZodExactOptional) return unwrap(type.unwrap());
  return [type];
}
