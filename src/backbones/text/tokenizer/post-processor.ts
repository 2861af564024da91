import { NotUnderstood, partOf, partsOf } from "./not-understood.js";

/** Ids that stand before and after a text's own. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const BARE: Frame = { before: [], after: [] };

/**
 * The `post_processor` of tokenizer.json, for one text alone.
 * @throws {NotUnderstood} for a kind that is not read here.
 */
export function frameOf(json: unknown): Frame {
  const part = partOf(json, "post_processor");
  switch (part?.type) {
    case undefined:
    case "ByteLevel":
      return BARE;
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [idIn(part.cls)], after: [idIn(part.sep)] };
    case "TemplateProcessing":
      return template(part.single, part.special_tokens);
    case "Sequence":
      return partsOf(part.processors, "post_processor")
        .map(frameOf)
        .reduce(
          (inner, outer) => ({
            before: [...outer.before, ...inner.before],
            after: [...inner.after, ...outer.after],
          }),
          BARE,
        );
    default:
      throw new NotUnderstood(`the post_processor ${part?.type}`);
  }
}

function idIn(pair: unknown): number {
  if (!Array.isArray(pair) || typeof pair[1] !== "number") throw new NotUnderstood("post_processor");
  return pair[1];
}

function template(single: unknown, tokens: unknown): Frame {
  if (!Array.isArray(single)) throw new NotUnderstood("post_processor.single");
  const before: number[] = [];
  const after: number[] = [];
  let seen = false;
  for (const item of single as { SpecialToken?: { id: string }; Sequence?: unknown }[]) {
    if (item.Sequence !== undefined) {
      if (seen) throw new NotUnderstood("a template that repeats the text");
      seen = true;
      continue;
    }
    const entry = (tokens as Record<string, { ids?: unknown }> | undefined)?.[item.SpecialToken?.id ?? ""];
    if (!Array.isArray(entry?.ids)) throw new NotUnderstood("post_processor.special_tokens");
    (seen ? after : before).push(...(entry.ids as number[]));
  }
  if (!seen) throw new NotUnderstood("a template without the text");
  return { before, after };
}
