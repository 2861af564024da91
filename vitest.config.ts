import { defineConfig } from "vitest/config";

const report = process.env.HEADSTART_TEST_REPORT;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // By default one processor of two stands idle.
    maxWorkers: "100%",
    // A test that embeds must embed, whatever another one left; those of the cache ask for it.
    env: { HEADSTART_VECTOR_CACHE: "off" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
  },
});
