/** Names of what a spec holds, in words; others are called as they are. */
const WORDS: Readonly<Record<string, string>> = { weightsDigest: "weights", dim: "dimensions" };

/**
 * What two recorded backbones differ in, ids and commits aside: `precision (fp32, int8)`, `weights`; in the order of the
 * first. Values are told where they are short.
 */
export function backboneDifferences(one: object, other: object): string[] {
  const [a, b] = [flat(one), flat(other)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => key !== "id" && key !== "revision" && a.get(key) !== b.get(key))
    .map((key) => {
      const values = [a.get(key), b.get(key)].map((value) => value ?? "none");
      const told = values.every((value) => value.length <= 24);
      return `${WORDS[key] ?? key}${told ? ` (${values.join(", ")})` : ""}`;
    });
}

/** The members as text, those of `preprocessing` beside the others. */
function flat(spec: object): Map<string, string> {
  const { preprocessing, ...own } = spec as Record<string, unknown>;
  const members = { ...own, ...(preprocessing as object | undefined) };
  return new Map(
    Object.entries(members).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
