import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const report = process.env.HEADSTART_TEST_REPORT;

/** The files that take longest, in that order: begun first, so that the last processor does not work alone. */
const LONGEST = [
  "test/demo/demo.test.ts",
  "test/cli/backbones.test.ts",
  "test/readme/readme.test.ts",
  "test/package/packed.test.ts",
  "test/end-to-end/fuse.test.ts",
  "test/embeddings/kill.test.ts",
  "test/backbones/quantize-minilm.test.ts",
];

/** Files that measure memory, or change the environment or the working folder of their process. */
const OF_THEIR_OWN = [
  "test/backbones/{hub-resolve,local-checkpoint,odd-checkpoints}.test.ts",
  "test/data/{hostile,packed,streaming,table-memory}.test.ts",
  "test/embeddings/iterate.test.ts",
  "test/embeddings/cache/vector-cache.test.ts",
  "test/end-to-end/{embed-limits,incremental}.test.ts",
  "test/hostile/{json,tokenizer-json}.test.ts",
  "test/image-resampler.test.ts",
  "test/pipeline/quantize.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const alone = [...LONGEST, ...OF_THEIR_OWN];

export default defineConfig({
  test: {
    pool: "forks",
    // By default one processor of two stands idle.
    maxWorkers: "100%",
    // A test that embeds must embed, whatever another one left; those of the cache ask for it.
    env: { HEADSTART_VECTOR_CACHE: "off" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...alone],
          // A process a file would load the sources two hundred times.
          isolate: false,
        },
      },
    ],
  },
});
