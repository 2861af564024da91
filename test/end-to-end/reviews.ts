const GOOD = [
  "The room was bright, quiet and spotless",
  "A warm welcome and a wonderful breakfast",
  "I loved every minute of this concert",
  "The soup was rich and perfectly seasoned",
  "Great value and very friendly people",
];
const BAD = [
  "The bed was broken and the carpet stank",
  "Rude staff and a cold, greasy dinner",
  "I regret every minute of this concert",
  "The soup was thin, salty and lukewarm",
  "Overpriced, noisy and badly organised",
];
const WHEN = ["last week", "in May", "on our trip", "this winter", "again today", "with friends"];

/** A short review. */
export interface Review {
  readonly id: string;
  readonly review: string;
  readonly label: "good" | "bad";
  readonly split: "train" | "test";
}

/** Sixty short reviews, half of them bad; ten are for testing. */
export const REVIEWS: readonly Review[] = WHEN.flatMap((when, w) =>
  [...GOOD, ...BAD].map((sentence, s): Review => {
    const label = s < GOOD.length ? "good" : "bad";
    const split = w === WHEN.length - 1 ? "test" : "train";
    return { id: `r${w}-${s}`, review: `${sentence} ${when}.`, label, split };
  }),
);

/** The reviews as CSV, with the columns asked for. */
export function reviewsCsv(columns: readonly (keyof Review)[], rows = REVIEWS): string {
  const lines = rows.map((row) => columns.map((column) => `"${row[column]}"`).join(","));
  return `${[columns.join(","), ...lines].join("\n")}\n`;
}
