import { z } from "zod";

/** Options of k nearest neighbours, validated; names and defaults are scikit-learn's. */
export const knnOptions = z.strictObject({
  nNeighbors: z.int().min(1).default(5).describe("Neighbours that are asked; all rows where there are fewer"),
  metric: z
    .enum(["euclidean", "cosine"])
    .default("euclidean")
    .describe("Distance; cosine is 1 - cosine similarity"),
  weights: z
    .enum(["uniform", "distance"])
    .default("uniform")
    .describe("distance: a neighbour counts 1 / distance, and those at distance 0 count alone"),
});

export type KnnOptions = z.output<typeof knnOptions>;
