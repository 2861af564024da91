/** Thrown for a part of tokenizer.json that is not read here; another reader may be tried. */
export class NotUnderstood extends Error {
  constructor(readonly part: string) {
    super(`${part} is not understood`);
    this.name = "NotUnderstood";
  }
}

/** A part of tokenizer.json: an object with a `type`. */
export interface Part {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** The part as an object with a type; null where it is absent. */
export function partOf(value: unknown, where: string): Part | null {
  if (value === null || value === undefined) return null;
  const part = value as Part;
  if (typeof value !== "object" || typeof part.type !== "string") throw new NotUnderstood(where);
  return part;
}

/** The parts of a list. */
export function partsOf(value: unknown, where: string): Part[] {
  if (!Array.isArray(value)) throw new NotUnderstood(where);
  return value.map((item) => partOf(item, where)).filter((part) => part !== null);
}
