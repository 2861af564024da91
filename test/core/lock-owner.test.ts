import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { createLock, discardLock, lockOwner } from "../../src/core/lock-owner.js";

const root = mkdtempSync(join(tmpdir(), "headstart-lock-"));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "one-"));
  path = join(folder, "x.lock");
});

/** No process has this number. */
const DEAD = { pid: 2 ** 30, host: hostname() };
const isAbandoned = async (at: string): Promise<boolean> => (await lockOwner(at))?.alive === false;

it("a lock tells its process, and whether it lives", async () => {
  expect(await lockOwner(path)).toBeNull();
  expect([await createLock(path), await createLock(path)]).toEqual([true, false]);
  expect(await lockOwner(path)).toMatchObject({ pid: process.pid, here: true, alive: true });
  writeFileSync(path, JSON.stringify(DEAD));
  expect(await lockOwner(path)).toMatchObject({ pid: DEAD.pid, alive: false });
});

it("an abandoned lock is removed", async () => {
  writeFileSync(path, JSON.stringify(DEAD));
  await discardLock(path, isAbandoned);
  expect(readdirSync(folder)).toEqual([]);
});

it("a fresh lock stays in its place while it is looked at, so that nobody makes a second one", async () => {
  await createLock(path);
  let second: boolean | null = null;
  await discardLock(path, async (at) => {
    second = await createLock(path);
    return isAbandoned(at);
  });
  expect(second).toBe(false);
  expect(readdirSync(folder)).toEqual(["x.lock"]);
});

it("only one looks at a time; who died while looking does not stand in the way for ever", async () => {
  writeFileSync(path, JSON.stringify(DEAD));
  const takeover = `${path}.takeover`;
  await createLock(takeover);
  await discardLock(path, isAbandoned);
  expect(readdirSync(folder)).toEqual(["x.lock", "x.lock.takeover"]);
  const past = new Date(0);
  utimesSync(takeover, past, past);
  await discardLock(path, isAbandoned);
  await discardLock(path, isAbandoned);
  expect(readdirSync(folder)).toEqual([]);
});
