import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import type { KeptColumn } from "../../src/data/kept-columns.js";
import type { Dataset, RejectedRow, Row } from "../../src/data/row.js";
import { type NoteContents, type Shard, shardDataset } from "../../src/data/shard.js";
import {
  type EmbedOptions,
  embedDataset,
  type MergeOptions,
  mergeEmbeddings,
  readEmbeddings,
} from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

const KEPT: readonly KeptColumn[] = [{ name: "user", type: "utf8" }];
const rows: (Row | RejectedRow)[] = textRows(6000, 8).map((row, i) => ({
  ...row,
  kept: [i % 9 ? `u${i % 40}` : null],
}));
for (const i of [0, 17, 4500])
  rows[i] = { state: "rejected", id: `row-${i}`, source: `rows.csv:${i + 2}`, reason: "no text" };
rows[200] = { ...(rows[200] as Row), content: { kind: "text", text: "!" } };

let folder: string;
const at = (name: string): string => join(folder, name);

async function* noted(whole: Dataset, note: NoteContents) {
  for await (const row of whole.rows()) {
    if (row.state === "row") note(row.content.kind === "text" ? row.content.text : null);
    yield row;
  }
}

/** Embeds all rows, or those of a shard. */
const embedded = (out: string, shard: Shard | null, more: Partial<EmbedOptions> = {}, items = rows) => {
  const whole = datasetOf(items, { kept: KEPT });
  const dataset =
    shard === null ? whole : shardDataset(whole, shard, "as it is", (note) => noted(whole, note));
  return embedDataset({ dataset, backbone: tinyTextBackbone(), out: at(out), windowRows: 500, ...more });
};
const shardFiles = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => at(`${prefix}.${i + 1}.arrow`));
const makeShards = async (prefix: string, count: number, more: Partial<EmbedOptions> = {}, items = rows) => {
  for (let index = 1; index <= count; index++)
    await embedded(`${prefix}.${index}.arrow`, { index, count }, more, items);
};
const merged = (inputs: readonly string[], more: Partial<MergeOptions> = {}) =>
  mergeEmbeddings({ inputs, out: at("merged.arrow"), ...more });
const refused = async (inputs: readonly string[], message: RegExp, more: Partial<MergeOptions> = {}) => {
  const out = at("refused.arrow");
  await expect(mergeEmbeddings({ inputs, out, ...more })).rejects.toMatchObject({
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/\w/),
  });
  await expect(readFile(out)).rejects.toMatchObject({ code: "ENOENT" });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-merge-"));
  await embedded("whole.arrow", null);
  await makeShards("s", 3);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("merged shards", () => {
  it("are the file of a single run: order, values, labels, kept columns, rejected rows", async () => {
    const [one, two, three] = shardFiles("s", 3) as [string, string, string];
    const seen: number[] = [];
    const summary = await merged([three, one, two], { onProgress: ({ done }) => seen.push(done) });
    expect(summary).toMatchObject({ rows: 5996, rejects: 4, duplicates: 0, files: 3, sharded: true, dim: 8 });
    expect(seen.at(-1)).toBeGreaterThan(5996);
    const whole = await readEmbeddings(at("whole.arrow"));
    const { meta, X, ...values } = await readEmbeddings(at("merged.arrow"));
    const { meta: wholeMeta, X: wholeX, ...wholeValues } = whole;
    expect(values).toEqual(wholeValues);
    expect({ ...meta, created: "" }).toEqual({ ...wholeMeta, created: "" });
    let largest = 0;
    for (let i = 0; i < X.data.length; i++)
      largest = Math.max(largest, Math.abs(X.data[i]! - wholeX.data[i]!));
    // Other batches round otherwise.
    expect(largest).toBeLessThan(1e-6);
    const rejects = await readFile(at("merged.arrow.rejects.jsonl"), "utf8");
    expect(rejects).toBe(await readFile(at("whole.arrow.rejects.jsonl"), "utf8"));
    expect(rejects.split("\n")).toHaveLength(5);
  });

  it("may hold no row at all, and be stored as float16", async () => {
    const few = rows.slice(1, 6);
    await makeShards("few", 16, { vectors: "fp16" }, few);
    const sizes = await Promise.all(
      shardFiles("few", 16).map(async (path) => (await readEmbeddings(path)).ids.length),
    );
    expect(Math.min(...sizes)).toBe(0);
    await merged(shardFiles("few", 16));
    await embedded("few.arrow", null, { vectors: "fp16" }, few);
    const { X, ids, meta } = await readEmbeddings(at("merged.arrow"));
    expect(meta.vectors).toBe("fp16");
    expect(ids).toEqual(few.map(({ id }) => id));
    const whole = (await readEmbeddings(at("few.arrow"))).X;
    for (const [i, value] of X.data.entries()) expect(value).toBeCloseTo(whole.data[i]!, 3);
  });

  it("were resumed like any run", async () => {
    const out = "resumed.2.arrow";
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => done >= 1000 && controller.abort();
    const second = { index: 2, count: 3 };
    const stopped = embedded(out, second, { windowRows: 100, signal: controller.signal, onProgress });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    const [one, two, three] = shardFiles("s", 3) as [string, string, string];
    await refused(
      [one, at(out), three],
      /resumed.2.arrow is not finished: its run has left .*resumed.2.arrow.part/,
    );
    expect((await embedded(out, second, { windowRows: 100 })).resumedAtRow).toBeGreaterThan(0);
    const { meta, ...values } = await readEmbeddings(at(out));
    const { meta: whole } = await readEmbeddings(two);
    expect(meta.shard).toEqual(whole.shard);
    await merged([one, at(out), three]);
    expect((await readEmbeddings(at("merged.arrow"))).ids).toEqual(
      (await readEmbeddings(at("whole.arrow"))).ids,
    );
    expect(values.ids.length).toBeGreaterThan(1000);
  });

  it("of any number give back any order", async () => {
    const rng = random(6);
    for (let round = 0; round < 4; round++) {
      const items = rng
        .shuffle(textRows(20 + rng.integer(100), round))
        .map((row) => ({ ...row, kept: [row.id] }));
      const count = 1 + rng.integer(5);
      await makeShards(`r${round}`, count, {}, items);
      await merged(rng.shuffle(shardFiles(`r${round}`, count)));
      const { ids, kept } = await readEmbeddings(at("merged.arrow"));
      expect(ids).toEqual(items.map(({ id }) => id));
      expect(kept).toEqual([ids]);
    }
  });
});

describe("a shard", () => {
  it("is brought up to date, but not added to", async () => {
    const second = { index: 2, count: 3 };
    await copyFile(at("s.2.arrow"), at("updated.2.arrow"));
    const updated = await embedded("updated.2.arrow", second, { mode: "update" });
    expect(updated.target).toMatchObject({ mode: "update", added: 0, dropped: 0 });
    await merged([at("s.1.arrow"), at("updated.2.arrow"), at("s.3.arrow")]);
    for (const mode of ["append", "retry-rejects"] as const) {
      await expect(embedded("updated.2.arrow", second, { mode })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringMatching(/A shard cannot be added to/),
      });
    }
  });
});

describe("shards are refused", () => {
  it("where one is missing, there twice, or of another number", async () => {
    const [one, two, three] = shardFiles("s", 3) as [string, string, string];
    await refused([one, three], /Of 3 shards, one is missing: 2/);
    await refused([two], /Of 3 shards, 2 are missing: 1, 3/);
    await copyFile(one, at("copy.arrow"));
    await refused([one, two, at("copy.arrow"), three], /s.1.arrow and .*copy.arrow are both shard 1 of 3/);
    await makeShards("four", 4, {}, rows.slice(0, 50));
    await refused(
      [one, two, three, at("four.4.arrow")],
      /four.4.arrow is one of 4 shards, .*s.1.arrow one of 3/,
    );
  });

  it("where one is of other rows, another backbone, or otherwise stored", async () => {
    const [one, two] = shardFiles("s", 3) as [string, string];
    const third = { index: 3, count: 3 };
    await embedded("o.arrow", third, {}, rows.slice(0, 5999));
    await refused([one, two, at("o.arrow")], /o.arrow is a shard of another data set than .*s.1.arrow/);
    await embedded("p.arrow", third, { backbone: tinyTextBackbone({ seedName: "other" }) });
    await refused(
      [one, two, at("p.arrow")],
      /p.arrow and .*s.1.arrow cannot be one file: their fingerprints differ.*other/,
    );
    await embedded("h.arrow", third, { vectors: "fp16" });
    await refused([one, two, at("h.arrow")], /h.arrow .*vectors are stored as fp16 and fp32/);
    await refused([one, at("whole.arrow")], /whole.arrow is no shard, but .*s.1.arrow is one/);
  });

  it("where one is of another version of the input: the same ids, another content", async () => {
    const [one, two] = shardFiles("s", 3) as [string, string];
    const of = (out: string, index: number) => {
      const whole = datasetOf(edited, { kept: KEPT });
      const dataset = shardDataset(whole, { index, count: 3 }, "as it is", (note) => noted(whole, note));
      return embedDataset({ dataset, backbone: tinyTextBackbone(), out: at(out) });
    };
    const edited = rows.map((row, i) =>
      row.state === "row" && i === 3000 ? { ...row, content: { kind: "text" as const, text: "else" } } : row,
    );
    await of("v.3.arrow", 3);
    await refused(
      [one, two, at("v.3.arrow")],
      /v.3.arrow and .*s.1.arrow are shards of two versions of one input/,
    );
    await of("v.1.arrow", 1);
    await of("v.2.arrow", 2);
    expect(await merged([1, 2, 3].map((i) => at(`v.${i}.arrow`)))).toMatchObject({ rows: 5996 });
  });

  it("of versions that noted no contents, are merged as they were", async () => {
    const files = shardFiles("s", 3);
    const older = at("older.1.arrow");
    const { contents } = (await readEmbeddings(files[0]!)).meta.shard!;
    const bytes = await readFile(files[0]!);
    // As long as before, so that the file stays whole: another key, which is not looked at.
    const text = bytes.toString("latin1").replaceAll(`"contents":"${contents}"`, `"elsewise":"${contents}"`);
    await writeFile(older, Buffer.from(text, "latin1"));
    expect((await readEmbeddings(older)).meta.shard!.contents).toBeUndefined();
    await rm(`${older}.rejects.jsonl`, { force: true });
    await copyFile(`${files[0]}.rejects.jsonl`, `${older}.rejects.jsonl`);
    expect(await merged([older, files[1]!, files[2]!])).toMatchObject({ rows: 5996 });
  });

  it("where their rejected rows are gone", async () => {
    const [one, two, three] = shardFiles("s", 3) as [string, string, string];
    for (const path of [one, two, three]) {
      const { shard } = (await readEmbeddings(path)).meta;
      if (shard!.rejects === 0) continue;
      const file = `${path}.rejects.jsonl`;
      const text = await readFile(file, "utf8");
      await rm(file);
      await refused([one, two, three], /has \d rejected rows, but .*rejects.jsonl cannot be read/);
      await writeFile(file, text.split("\n").slice(1).join("\n"));
      await refused([one, two, three], /rejected rows, but .*rejects.jsonl has \d/);
      await writeFile(file, text);
    }
    await merged([one, two, three]);
  });
});

describe("shards that were changed", () => {
  /** A third shard that says what the true one does, but has other rows. */
  const changed = async (out: string, change: (row: Row | RejectedRow) => Row | RejectedRow | null) => {
    const whole = datasetOf(rows, { kept: KEPT });
    const true3 = shardDataset(whole, { index: 3, count: 3 }, "as it is", (note) => noted(whole, note));
    const dataset = {
      ...true3,
      async *rows() {
        for await (const row of true3.rows()) {
          const other = change(row);
          if (other !== null) yield other;
        }
      },
    };
    await embedDataset({ dataset, backbone: tinyTextBackbone(), out: at(out) });
    return [...shardFiles("s", 2), at(out)];
  };

  it("are refused where a row is lost", async () => {
    const [lost] = (await readEmbeddings(at("s.3.arrow"))).ids.slice(40);
    const files = await changed("lost.arrow", (row) => (row.id === lost ? null : row));
    await refused(files, /The shards have 5995 rows and 4 rejected ones, but their input has 6000/);
  });

  it("are refused where a row has another id, or another place", async () => {
    const [one] = (await readEmbeddings(at("s.3.arrow"))).ids.slice(40);
    const [foreign] = (await readEmbeddings(at("s.1.arrow"))).ids;
    const renamed = await changed("renamed.arrow", (row) =>
      row.id === one ? { ...row, id: foreign! } : row,
    );
    await refused(renamed, /renamed.arrow has been changed: its row '.*' does not belong there/);
    const moved = await changed("moved.arrow", (row) =>
      row.id === one && row.state === "row" ? { ...row, kept: [null, 6000n] } : row,
    );
    await refused(moved, /moved.arrow has been changed: its row '.*' does not belong there/);
  });
});

describe("files that are no shards", () => {
  const part = (from: number, to: number) => rows.slice(from, to);
  it("follow one another, with their labels united", async () => {
    await embedded("a.arrow", null, {}, part(1, 5000));
    await embedded("b.arrow", null, {}, part(5000, 6000));
    const summary = await merged([at("a.arrow"), at("b.arrow")]);
    expect(summary).toMatchObject({ files: 2, sharded: false, rejects: 0, rejectsFile: null, duplicates: 0 });
    const { ids, labels, kept } = await readEmbeddings(at("merged.arrow"));
    const whole = await readEmbeddings(at("whole.arrow"));
    expect(ids).toEqual(whole.ids);
    expect(labels).toEqual(whole.labels);
    expect(kept).toEqual(whole.kept);
  });

  it("have each id once, or the first of it is kept on request", async () => {
    await embedded("a.arrow", null, {}, part(1, 10));
    await embedded("b.arrow", null, {}, part(20, 30));
    await embedded("c.arrow", null, {}, part(25, 40));
    const inputs = ["a", "b", "c"].map((name) => at(`${name}.arrow`));
    await refused(inputs, /The id 'row-25' of .*c.arrow is in .*b.arrow too/);
    expect(await merged(inputs, { onDuplicate: "first" })).toMatchObject({ rows: 29, duplicates: 5 });
    const { ids } = await readEmbeddings(at("merged.arrow"));
    expect(ids).toEqual([...part(1, 10), ...part(20, 40)].map(({ id }) => id));
  });

  it("are refused where their kept columns differ, naming both files and what differs", async () => {
    const keeping = async (out: string, kept: readonly KeptColumn[]) => {
      const cells = { utf8: "a", int64: 1n, float64: 0.5, bool: true };
      const items = textRows(3, 1).map((row) => ({ ...row, id: `${out} ${row.id}` }));
      const dataset = datasetOf(
        items.map((row) => ({ ...row, kept: kept.map(({ type }) => cells[type]) })),
        { kept },
      );
      await embedDataset({ dataset, backbone: tinyTextBackbone(), out: at(out) });
      return at(out);
    };
    const [user, year] = [{ name: "user", type: "utf8" } as const, { name: "year", type: "int64" } as const];
    const both = await keeping("k1.arrow", [user, year]);
    await refused(
      [both, await keeping("k2.arrow", [user, { name: "town", type: "utf8" }])],
      /k2.arrow and .*k1.arrow cannot be one file: only .*k2.arrow keeps 'town'; only .*k1.arrow keeps 'year'$/,
    );
    await refused(
      [both, await keeping("k3.arrow", [user, { name: "year", type: "utf8" }])],
      /k3.arrow and .*k1.arrow cannot be one file: 'year' is utf8 in one and int64 in the other$/,
    );
    await refused(
      [both, await keeping("k4.arrow", [year, user])],
      /cannot be one file: they keep the same columns in another order, year, user and user, year$/,
    );
    await refused([both, await keeping("k5.arrow", [])], /only .*k1.arrow keeps 'user', 'year'$/);
  });

  it("can be interrupted: nothing is left", async () => {
    const controller = new AbortController();
    controller.abort();
    const stopped = mergeEmbeddings({
      inputs: [at("whole.arrow")],
      out: at("gone.arrow"),
      signal: controller.signal,
    });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    await expect(readFile(at("gone.arrow"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(readFile(at("gone.arrow.part.merged"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
