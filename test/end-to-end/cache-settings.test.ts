import { expect, it } from "vitest";
import { runCli } from "../cli/run-cli.js";
import { workplace } from "./run-cli.js";

const { write, path } = workplace();
write("reviews.csv", "id,text,label\n1,a good film,yes\n2,a dull book,no\n");
write("file", "not a folder");

const USES = [
  ["embed", "reviews.csv", "-o", "z.arrow"],
  ["cache", "stats"],
  ["cache", "prune", "--all"],
];

const withSettings = (args: readonly string[], env: Record<string, string>) =>
  runCli(args, { cwd: path, env });

it.concurrent.each(USES)("does not take HEADSTART_VECTOR_CACHE for a folder: %s %s", async (...args) => {
  const { code, stderr } = await withSettings(args, { HEADSTART_VECTOR_CACHE: path });
  expect(stderr).toMatch(/^error: HEADSTART_VECTOR_CACHE is on or off, got '.+'\nhint: .*HEADSTART_CACHE/m);
  expect(code).toBe(2);
});

it.concurrent.each(USES)("refuses a HEADSTART_CACHE that cannot be a folder: %s %s", async (...args) => {
  // In /proc, Node's own recursive mkdir tries for ever.
  const folders = ["file", ...(process.platform === "linux" ? ["/proc/nope"] : [])];
  for (const folder of folders) {
    const { code, stderr } = await withSettings(args, { HEADSTART_CACHE: folder });
    expect(stderr).toContain(`error: HEADSTART_CACHE names ${folder}, a folder that cannot be made: E`);
    expect(stderr).toMatch(/^hint: Let it name a folder/m);
    expect(code).toBe(2);
  }
});

it.concurrent("doctor tells where the cache is, and what is wrong with its settings", async () => {
  const cacheOf = async (env: Record<string, string>): Promise<unknown> => {
    const { stdout } = await withSettings(["doctor", "--json"], env);
    const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
    return checks.find(({ name }) => name === "cache");
  };
  expect(await cacheOf({ HEADSTART_CACHE: "new/one", HEADSTART_VECTOR_CACHE: "off" })).toEqual({
    name: "cache",
    state: "ok",
    detail: "new/one, vectors off",
  });
  expect(await cacheOf({ HEADSTART_CACHE: "file" })).toMatchObject({
    state: "failed",
    detail: expect.stringContaining("HEADSTART_CACHE names file") as string,
    hint: expect.stringContaining("unset it") as string,
  });
  expect(await cacheOf({ HEADSTART_VECTOR_CACHE: "/tmp" })).toMatchObject({
    state: "failed",
    detail: "HEADSTART_VECTOR_CACHE is on or off, got '/tmp'",
  });
});

it("counts what is damaged in the cache, one file or more", async () => {
  for (const [name, told] of [
    ["a.seg", "1 damaged file in it"],
    ["b.seg", "2 damaged files in it"],
  ] as const) {
    write(`damaged/vectors-1/0abc/${name}`, "not a segment");
    const { code, stderr } = await withSettings(["cache", "stats"], { HEADSTART_CACHE: "damaged" });
    expect(stderr).toContain(told);
    expect(code).toBe(0);
  }
});
