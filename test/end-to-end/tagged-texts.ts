import { random } from "../../src/core/random.js";

/** Sentences by topic. */
export const SENTENCES = {
  food: ["the soup was cold and salty", "a fresh pizza with basil", "they served warm bread and cheese"],
  music: ["a guitar plays a slow song", "the choir sings in harmony", "loud drums and a piano melody"],
  sport: [
    "the goalkeeper saved the penalty",
    "she ran the marathon in three hours",
    "our team won the match",
  ],
};
/** A label of these rows. */
export type Topic = keyof typeof SENTENCES;

/** A text of none, one or two topics; null where nobody said which. */
export interface TaggedText {
  readonly id: string;
  readonly text: string;
  readonly tags: Topic[] | null;
  readonly split: "train" | "test";
}

/** Texts of none, one or two topics; where there is none they are about the weather. */
export function rowsOf(count: number, seed: number): TaggedText[] {
  const rng = random(seed);
  const one = <T>(from: readonly T[]): T => from[rng.integer(from.length)]!;
  return Array.from({ length: count }, (_, i) => {
    const tags = rng.shuffle(Object.keys(SENTENCES) as Topic[]).slice(0, rng.integer(3));
    const parts =
      tags.length === 0 ? ["it may rain tomorrow in the north"] : tags.map((tag) => one(SENTENCES[tag]));
    return {
      id: `r${i}`,
      text: `${parts.join(", ")} ${i}`,
      tags: i % 20 === 19 ? null : tags,
      split: i < count * 0.7 ? "train" : "test",
    };
  });
}
