/** Letters of a line that is too long to recur by chance. */
const tellingLetters = 12;
/** Groups in which such a line is boilerplate. */
const boilerplateGroups = 6;
/** Groups that the same line closes when it is a signature. */
const signatureGroups = 3;
/** Lines at the end of a mail among which signatures are looked for. */
const signatureLines = 6;

/**
 * Removes what a sender repeats from mail to mail: long lines that occur in six groups or more, wherever they
 * stand, and the last lines of a mail where they close three groups or more (names, mottoes, greetings).
 * Digits and case do not count. Labels play no part.
 * @param groups - the near-duplicate group of each text; a campaign or thread counts once, however often it was sent.
 */
export function withoutRecurringLines(texts: readonly string[], groups: ArrayLike<number>): string[] {
  const split = texts.map((text) => text.split("\n"));
  const anywhere = recurring(split, groups, boilerplateGroups, (lines) =>
    lines.filter((line) => letters(line) >= tellingLetters),
  );
  const closing = recurring(split, groups, signatureGroups, lastLines);
  return split.map((lines) => {
    const kept = lines.filter((line, i) => i === 0 || !anywhere.has(key(line)));
    return kept
      .slice(0, signatureStart(kept, closing))
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim();
  });
}

/** Keys of those of the chosen lines below the subject that occur in at least `least` groups. */
function recurring(
  texts: readonly (readonly string[])[],
  groups: ArrayLike<number>,
  least: number,
  choose: (body: readonly string[]) => readonly string[],
): ReadonlySet<string> {
  const seen = new Map<string, Set<number>>();
  texts.forEach((lines, i) => {
    for (const line of choose(lines.slice(1))) {
      const known = seen.get(key(line));
      if (known === undefined) seen.set(key(line), new Set([groups[i]]));
      else known.add(groups[i]);
    }
  });
  return new Set([...seen].filter(([, where]) => where.size >= least).map(([line]) => line));
}

/** Where a mail's closing lines begin: what lies below a signature's first line goes with it. */
function signatureStart(lines: readonly string[], closing: ReadonlySet<string>): number {
  let start = lines.length;
  for (let i = lines.length - 1, seen = 0; i > 0 && seen < signatureLines; i--) {
    if (!isText(lines[i])) continue;
    if (!closing.has(key(lines[i]))) break;
    start = i;
    seen++;
  }
  return start;
}

function lastLines(lines: readonly string[]): readonly string[] {
  return lines.filter(isText).slice(-signatureLines);
}

/** False for lines that are empty, or nothing but masked links and addresses. */
function isText(line: string): boolean {
  return letters(line.replace(/\[(link|address)\]/g, "")) > 0;
}

function letters(line: string): number {
  return line.match(/\p{L}/gu)?.length ?? 0;
}

function key(line: string): string {
  return line
    .toLowerCase()
    .replace(/\P{L}+/gu, " ")
    .trim();
}
