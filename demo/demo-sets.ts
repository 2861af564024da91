/** One line of work of the demo. */
export interface DemoSet {
  /** As the table calls it. */
  readonly name: string;
  /** Under `out/demo`. */
  readonly folder: string;
  /** From the project's root. */
  readonly input: string;
  readonly backbone: string;
  /** The same task on rows from another source, all held out; the heads are measured there too. */
  readonly elsewhere?: {
    readonly name: string;
    readonly input: string;
    /** Column with splits; empty where all rows count. */
    readonly split?: string;
  };
}

export const DEMO_SETS: readonly DemoSet[] = [
  {
    name: "words: positive or negative",
    folder: "words",
    input: "data/sentiment/built/words.csv",
    backbone: "use-lite",
    elsewhere: { name: "  the same heads on reviews", input: "data/sentiment/reviews.csv", split: "" },
  },
  {
    name: "mail: spam or ham (1 in 8)",
    folder: "mail",
    input: "data/spam/built/mail-sample.csv",
    backbone: "use-lite",
  },
  {
    name: "emoji: category, Google's",
    folder: "emoji",
    input: "data/emoji/built/noto",
    backbone: "mobilenet-v2-mid",
    elsewhere: { name: "  the same heads on Twitter's", input: "data/emoji/built/twemoji/test" },
  },
];
