import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { picture } from "./pictures.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write, json, run, refused } = workplace();
const at = (name: string): string => join(path, name);
const backbone = at("tiny");
beforeAll(() => {
  process.env.HEADSTART_CACHE = at("cache");
  writeTinyCheckpoint(backbone);
});

const WORDS = ["the", "was", "a", "and", "room", "soup", "concert", "loved", "regret", "cold"];
/** A text of its own for each number. */
const textOf = (n: number): string =>
  [...String(n).padStart(4, "0")]
    .map((digit) => WORDS[Number(digit)])
    .join(" ")
    .concat(" the".repeat(n % 5));
const csv = (rows: readonly (readonly [id: string, text: string, label?: string])[]): string =>
  `id,text,label,note\n${rows.map(([id, text, label = "x"]) => `${id},${text},${label},n`).join("\n")}\n`;
const numbered = (from: number, to: number): [string, string][] =>
  Array.from({ length: to - from }, (_, i) => [`n${from + i}`, textOf(from + i)]);

/** What a file holds, its vectors as bytes, by id. */
async function contentOf(name: string) {
  const { X, ids, labels, meta } = await headstart.readEmbeddings(at(name));
  const vectors = ids.map((_, i) =>
    Buffer.from(X.data.slice(i * X.cols, (i + 1) * X.cols).buffer).toString("hex"),
  );
  const label = ids.map((_, i) => labels?.values[labels.codes[i]!]);
  return { ids, label, meta, vectorOf: new Map(ids.map((id, i) => [id, vectors[i]!])) };
}
const embed = (input: string, out: string, more: Partial<headstart.EmbedOptions> = {}) =>
  headstart.embed({ input: at(input), out: at(out), backbone, ...more });

describe("the cache", () => {
  it("embeds only what changed, gives the very same vectors, and tells what it did", async () => {
    const rows = numbered(0, 500);
    write("corpus.csv", csv(rows));
    const command = ["embed", "corpus.csv", "--backbone", "tiny", "--cache"];
    const first = await json<headstart.EmbedResult>([...command, "-o", "first.arrow"]);
    expect(first).toMatchObject({ rows: 500, known: { target: 0, cache: 0 }, cacheProblem: null });
    write("corpus.csv", csv(rows.map(([id, text], i) => [id, i % 100 === 7 ? `${text} cold soup` : text])));
    const second = await run([...command, "-o", "second.arrow"]);
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^ *known +495 contents from the cache$/m);
    const [before, after] = [await contentOf("first.arrow"), await contentOf("second.arrow")];
    const changed = after.ids.filter((id) => after.vectorOf.get(id) !== before.vectorOf.get(id));
    expect(changed).toEqual(["n7", "n107", "n207", "n307", "n407"]);
    const none = await json<headstart.EmbedResult>([
      "embed",
      "corpus.csv",
      "--backbone",
      "tiny",
      "--no-cache",
      "-o",
      "none.arrow",
    ]);
    expect(none.known).toEqual({ target: 0, cache: 0 });
  });

  it("is counted and pruned", async () => {
    const { vectors, bytes, backbones } = await json<headstart.CacheStats>(["cache", "stats"]);
    expect(vectors).toBe(505);
    // As docs/json.md lists them.
    const fields = ["backbone", "bytes", "damaged", "dim", "fingerprint", "used", "vectors"];
    expect(Object.keys(backbones[0]!).sort()).toEqual(fields);
    expect(backbones).toMatchObject([{ backbone: "tiny", dim: 8, vectors: 505, damaged: 0 }]);
    const { stdout } = await run(["cache", "stats"]);
    expect(stdout).toMatch(/505 vectors/);
    await refused(["cache", "prune"], 2, /not said what to remove/, /--older-than/);
    await refused(["cache", "prune", "--backbone", "nobody"], 2, /no vectors of 'nobody'/, /tiny/);
    await refused(["cache", "prune", "--older-than", "soon"], 2, /'soon' is invalid.*30d/, /--help/);
    expect(await json(["cache", "prune", "--older-than", "30d"])).toEqual({
      segments: 0,
      bytes: 0,
      left: bytes,
    });
    expect(await json(["cache", "prune", "--backbone", "tiny"])).toMatchObject({ bytes, left: 0 });
  });
});

describe("--append", () => {
  it("adds rows that are new at the end, skips those that are there, rejects changed ones", async () => {
    write("old.csv", csv([["bad", ""], ...numbered(0, 40)]));
    expect(await embed("old.csv", "all.arrow")).toMatchObject({ rows: 40, rejects: 1 });
    const before = await contentOf("all.arrow");
    write("new.csv", csv([...numbered(38, 45), ["n3", "concert concert", "other"], ["worse", ""]]));
    const { stdout, code } = await run([
      "embed",
      "new.csv",
      "-o",
      "all.arrow",
      "--backbone",
      "tiny",
      "--append",
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ *target +40 rows kept, 5 added, 2 there already$/m);
    const after = await contentOf("all.arrow");
    expect(after.ids).toEqual(numbered(0, 45).map(([id]) => id));
    for (const id of before.ids) expect(after.vectorOf.get(id)).toBe(before.vectorOf.get(id));
    expect(after.meta.dataset).toContain("old.csv, new.csv");
    const rejects = readFileSync(at("all.arrow.rejects.jsonl"), "utf8").trimEnd().split("\n");
    expect(rejects.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(["bad", "n3", "worse"]);
    expect(rejects[1]).toMatch(/another content; --update/);
  });

  it("changes nothing where there is nothing new, and begins a file where there is none", async () => {
    const bytes = readFileSync(at("all.arrow"));
    write("same.csv", csv(numbered(10, 20)));
    const result = await embed("same.csv", "all.arrow", { mode: "append" });
    expect(result).toMatchObject({ rows: 45, target: { kept: 45, added: 0, passedOver: 10 } });
    expect(readFileSync(at("all.arrow")).equals(bytes)).toBe(true);
    expect(await embed("same.csv", "begun.arrow", { mode: "append" })).toMatchObject({
      rows: 10,
      target: null,
    });
  });

  it("refuses vectors of another kind, other columns, and no embeddings", async () => {
    const onto = (out: string, more: Partial<headstart.EmbedOptions> = {}) =>
      expect(embed("same.csv", out, { mode: "append", ...more })).rejects;
    await onto("all.arrow", { normalize: true }).toMatchObject({
      code: "fingerprint",
      message: expect.stringMatching(/has vectors of .*fingerprint [0-9a-f]{12}.*these would be/),
    });
    await onto("all.arrow", { store: "fp16" }).toMatchObject({
      code: "usage",
      message: expect.stringContaining("fp16"),
    });
    await onto("all.arrow", { keep: ["note"] }).toMatchObject({
      code: "usage",
      message: expect.stringContaining("kept"),
    });
    write("text.arrow", "not Arrow");
    await onto("text.arrow").toMatchObject({ code: "format" });
    await refused(
      ["embed", "same.csv", "-o", "all.arrow", "--backbone", "tiny", "--append", "--update"],
      2,
      /'--append' cannot be used with option '--update'/,
      /./,
    );
  });
});

describe("--update", () => {
  it.each([
    "fp32",
    "fp16",
  ] as const)("makes a file of %s equal the input, and embeds only what is new", async (store) => {
    write("v1.csv", csv(numbered(0, 5000)));
    const out = `${store}.arrow`;
    await embed("v1.csv", out, { store });
    const before = await contentOf(out);
    // Shuffled, one in a hundred changed, the first ten gone, ten new.
    const rows = numbered(10, 5010).map(([id, text], i): [string, string] => [
      id,
      i % 100 === 0 ? `${text} room` : text,
    ]);
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    write("v2.csv", csv(rows));
    const result = await embed("v2.csv", out, { store, mode: "update", cache: false });
    expect(result).toMatchObject({
      rows: 5000,
      target: { mode: "update", kept: 4940, changed: 50, dropped: 10, added: 10, passedOver: 0 },
    });
    expect(result.known.target).toBe(4940);
    const after = await contentOf(out);
    expect(after.ids).toEqual(rows.map(([id]) => id));
    await embed("v2.csv", "anew.arrow", { store });
    const anew = await contentOf("anew.arrow");
    expect(after.label).toEqual(anew.label);
    for (const id of after.ids) expect(after.vectorOf.get(id), id).toBe(anew.vectorOf.get(id));
    expect(before.vectorOf.get("n20")).toBe(after.vectorOf.get("n20"));
  });

  it("counts what was kept, changed, added and dropped, rejected rows among the dropped", async () => {
    write("w1.csv", csv(numbered(0, 40)));
    await json(["embed", "w1.csv", "-o", "counted.arrow", "--backbone", "tiny"]);
    const texts = ["another one", "one more", "third"];
    const rows = numbered(5, 42).map(([id, text], i): [string, string] => [
      id,
      texts[i] ?? (i === 3 ? "" : text),
    ]);
    write("w2.csv", csv(rows));
    const { code, stdout } = await run([
      ...["embed", "w2.csv", "-o", "counted.arrow", "--backbone", "tiny", "--update"],
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ {2}target +31 rows kept, 3 changed, 2 added, 6 dropped$/m);
    const again = await json<headstart.EmbedResult>(
      ["embed", "w2.csv", "-o", "counted.arrow", "--backbone", "tiny", "--update"],
      3,
    );
    expect(again.target).toEqual({
      mode: "update",
      kept: 36,
      changed: 0,
      added: 0,
      dropped: 0,
      passedOver: 0,
    });
  });

  it("keeps a shard a shard, which --append would not", async () => {
    write("parts.csv", csv(numbered(0, 200)));
    const shard = { index: 1, count: 2 };
    const first = await embed("parts.csv", "shard.arrow", { shard });
    await expect(embed("parts.csv", "shard.arrow", { shard, mode: "append" })).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--update"),
    });
    write("parts.csv", csv(numbered(0, 210)));
    const { rows, known, target } = await embed("parts.csv", "shard.arrow", {
      shard,
      mode: "update",
      cache: false,
    });
    expect(rows).toBeGreaterThan(first.rows);
    expect({ known, target }).toMatchObject({
      known: { target: first.rows },
      target: { kept: first.rows, dropped: 0 },
    });
    expect((await contentOf("shard.arrow")).meta.shard).toMatchObject({ index: 1, count: 2, rows: 210 });
  });

  it("does not take vectors that were stored with less precision", async () => {
    await expect(embed("v2.csv", "fp16.arrow", { mode: "update" })).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--store fp16"),
    });
  });
});

describe("--retry-rejects", () => {
  const rejected = (name: string): string[] =>
    readFileSync(at(`${name}.rejects.jsonl`), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);

  it("puts mended images where they belong, and leaves the others in the list", async () => {
    const good = await Promise.all([0, 1, 2, 3, 4, 5].map((variant) => picture("plain", variant)));
    good.forEach((image, i) => {
      write(`photos/${i}.jpg`, [0, 2, 5].includes(i) ? Buffer.from(`broken ${i}`) : image);
    });
    const options = { input: at("photos"), out: at("photos.arrow") };
    expect(await headstart.embed(options)).toMatchObject({ rows: 3, rejects: 3 });
    expect(rejected("photos.arrow")).toEqual(["0.jpg", "2.jpg", "5.jpg"]);
    const before = await contentOf("photos.arrow");
    write("photos/0.jpg", good[0]!);
    write("photos/5.jpg", good[5]!);
    write("photos/7.jpg", good[2]!);
    const { stdout, code } = await run(["embed", "photos", "-o", "photos.arrow", "--retry-rejects"]);
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/target +3 rows kept, 2 added, 1 new ones passed over/),
    });
    const after = await contentOf("photos.arrow");
    expect(after.ids).toEqual(["0.jpg", "1.jpg", "3.jpg", "4.jpg", "5.jpg"]);
    for (const id of before.ids) expect(after.vectorOf.get(id)).toBe(before.vectorOf.get(id));
    expect(rejected("photos.arrow")).toEqual(["2.jpg"]);

    const unchanged = readFileSync(at("photos.arrow"));
    expect(await headstart.embed({ ...options, mode: "retry-rejects" })).toMatchObject({
      rows: 5,
      rejects: 1,
    });
    expect(readFileSync(at("photos.arrow")).equals(unchanged)).toBe(true);

    write("photos/2.jpg", good[2]!);
    expect(await headstart.embed({ ...options, mode: "retry-rejects" })).toMatchObject({
      rows: 6,
      rejects: 0,
      rejectsFile: null,
    });
    expect((await contentOf("photos.arrow")).ids).toEqual([0, 1, 2, 3, 4, 5].map((i) => `${i}.jpg`));
    expect(existsSync(at("photos.arrow.rejects.jsonl"))).toBe(false);
    await refused(
      ["embed", "photos", "-o", "photos.arrow", "--retry-rejects"],
      2,
      /no row was rejected/,
      /--update/,
    );
  });

  it("says so where the input lost rows that the file has, and keeps the work", async () => {
    write("list.csv", csv([["bad", ""], ...numbered(0, 30)]));
    await embed("list.csv", "list.arrow");
    write("list.csv", csv([["bad", "the soup"], ...numbered(5, 30)]));
    await expect(embed("list.csv", "list.arrow", { mode: "retry-rejects" })).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("id 'n0'"),
      hint: expect.stringContaining("--update"),
    });
    expect((await contentOf("list.arrow")).ids).toEqual(numbered(0, 30).map(([id]) => id));
  });

  it("refuses a list that is none, and a file that is not there", async () => {
    writeFileSync(at("list.arrow.rejects.jsonl"), '{"id": "a", "source": "b"}\nnonsense\n');
    await expect(
      embed("list.csv", "list.arrow", { mode: "retry-rejects", restart: true }),
    ).rejects.toMatchObject({
      code: "format",
      message: expect.stringContaining("rejects.jsonl:2"),
    });
    rmSync(at("list.arrow"));
    await expect(embed("list.csv", "list.arrow", { mode: "retry-rejects" })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

describe("imported vectors, which come without the contents that they are of", () => {
  const hashesOf = (name: string): (string | null)[] => {
    const column = tableFromIPC(readFileSync(at(name))).getChild("content_hash")!;
    return Array.from(column, (hash: Uint8Array | null) => hash && Buffer.from(hash).toString("hex"));
  };
  beforeAll(async () => {
    write("known.csv", csv(numbered(0, 20)));
    await embed("known.csv", "known.arrow");
    await headstart.convert({ input: at("known.arrow"), out: at("v.npy") });
    write(
      "ids.csv",
      `id\n${numbered(0, 20)
        .map(([id]) => id)
        .join("\n")}\n`,
    );
    await headstart.convert({ input: at("v.npy"), ids: at("ids.csv"), backbone, out: at("imported.arrow") });
    expect(hashesOf("imported.arrow")).toEqual(Array(20).fill(null));
  });

  it("stay so when they are merged and added to, and rows of their ids are rejected", async () => {
    write("more.csv", csv(numbered(18, 23)));
    copyFileSync(at("imported.arrow"), at("appended.arrow"));
    const added = await embed("more.csv", "appended.arrow", { mode: "append" });
    expect(added).toMatchObject({ rows: 23, rejects: 2, target: { kept: 20, added: 3 } });
    expect(readFileSync(added.rejectsFile!, "utf8")).toMatch(
      /id 'n18' and does not tell of which content, as its vectors were imported; --update/,
    );
    write("other.csv", csv(numbered(30, 33)));
    await embed("other.csv", "other.arrow");
    await headstart.merge({ inputs: [at("imported.arrow"), at("other.arrow")], out: at("merged.arrow") });
    for (const name of ["appended.arrow", "merged.arrow"]) {
      const hashes = hashesOf(name);
      expect(hashes.slice(0, 20)).toEqual(Array(20).fill(null));
      expect(new Set(hashes.slice(20)).size).toBe(3);
      expect(hashes.slice(20).every((hash) => hash !== null && !/^0+$/.test(hash))).toBe(true);
    }
  });

  it("are embedded anew by --update, and counted as changed", async () => {
    copyFileSync(at("imported.arrow"), at("updated.arrow"));
    const updated = await embed("known.csv", "updated.arrow", { mode: "update", cache: false });
    expect(updated).toMatchObject({
      known: { target: 0 },
      target: { kept: 0, changed: 20, added: 0, dropped: 0 },
    });
    expect(hashesOf("updated.arrow")).toEqual(hashesOf("known.arrow"));
  });
});
