import {
  type Alias,
  type Document,
  isMap,
  isNode,
  isPair,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { type Pipeline, pipelineSchema } from "./schema.js";
import { type Problem, schemaProblems } from "./schema-problems.js";

/** Aliases in a file, and nodes that they may expand to: far above any honest pipeline. */
const MAX_ALIASES = 100;
/** Problems shown at once. */
const SHOWN = 5;

/** Where in the text a problem stands; both count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Reads a pipeline from YAML 1.2 (core schema: no custom tags, no merge keys, no repeated keys).
 * @param file - named in errors.
 * @throws {HeadstartError} `config` with file, line and column, and the line itself.
 */
export function parsePipeline(text: string, file: string): Pipeline {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    lineCounter,
    logLevel: "error",
  });
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    ...place(error.pos[0]),
    message: error.message.replaceAll("\n", " "),
  }));
  syntax.push(...aliasProblems(document).map(({ offset, message }) => ({ ...place(offset), message })));
  if (syntax.length > 0) throw configError(text, file, syntax);
  if (!isMap(document.contents)) {
    const message = "this is no pipeline: one has keys such as version, name, data and head";
    throw configError(text, file, [{ line: 1, column: 1, message }]);
  }
  const parsed = pipelineSchema.safeParse(plainValue(document, file), { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = schemaProblems(parsed.error, pipelineSchema).map((problem) => ({
    ...place(offsetOf(document, problem)),
    message: problem.message,
  }));
  throw configError(text, file, problems);
}

/** Aliases that name nothing; where there are too many, only that is said. */
function aliasProblems(document: Document.Parsed): { offset: number; message: string }[] {
  const aliases: Alias[] = [];
  visit(document, { Alias: (_key, alias) => void aliases.push(alias) });
  const offset = (alias: Alias | undefined): number => alias?.range?.[0] ?? 0;
  if (aliases.length > MAX_ALIASES) {
    return [{ offset: offset(aliases[MAX_ALIASES]), message: `more than ${MAX_ALIASES} aliases` }];
  }
  return aliases
    .filter((alias) => alias.resolve(document) === undefined)
    .map((alias) => ({ offset: offset(alias), message: `the alias '*${alias.source}' names nothing` }));
}

/** The document as plain data; refuses aliases that multiply. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new HeadstartError("config", `${file}: ${messageOf(cause)}`, {
      facts: { file },
      hint: "Write the values out instead of using so many aliases.",
      cause,
    });
  }
}

/** Offset of the key or value that a problem is about; of the nearest parent where it is missing. */
function offsetOf(document: Document, { path, at }: Problem): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(
        (item) => isPair(item) && isNode(item.key) && keyText(item.key) === String(name),
      );
      const node = at === "key" || depth < path.length ? pair?.key : (pair?.value ?? pair?.key);
      if (isNode(node) && node.range) return node.range[0];
    }
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyText(key: Node): string {
  return String(key.toJSON());
}

/** One error about all problems: each with its place and its line. */
function configError(
  text: string,
  file: string,
  problems: readonly (Place & { message: string })[],
): HeadstartError {
  const lines = text.split(/\r?\n/);
  const inOrder = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const shown = inOrder.slice(0, SHOWN).map(({ line, column, message }) => {
    const margin = String(line).length;
    const source = `  ${line} | ${lines[line - 1] ?? ""}\n  ${" ".repeat(margin)} | ${" ".repeat(column - 1)}^`;
    return `${file}:${line}:${column}: ${message}\n${source}`;
  });
  if (inOrder.length > SHOWN) shown.push(`and ${inOrder.length - SHOWN} more`);
  const { line, column } = inOrder[0]!;
  return new HeadstartError("config", shown.join("\n"), {
    facts: { file, line, column, problems: inOrder },
    hint: "The keys are described in pipelines/pipeline.schema.json, which editors read too.",
  });
}
