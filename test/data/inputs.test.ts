import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { streamSource } from "../../src/data/byte-source.js";
import { downloadedFile } from "../../src/data/downloaded-file.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { isPublicAddress } from "../../src/data/public-address.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const fixtures = join(import.meta.dirname, "../golden/data/fixtures");
const png = Buffer.from("\x89PNG\r\n\x1a\n0", "latin1");
const wav = Buffer.from("RIFF\0\0\0\0WAVEfmt ", "latin1");

describe("a pattern", () => {
  it("chains files of one format in order, each row with its own file and line", async () => {
    folder.write("years/2023/a.csv", "id,text\n1,one two\n2,three four\n");
    folder.write("years/2024/a.csv", "text,id\nfive six,3\n");
    folder.write("years/2024/.hidden.csv", "no");
    symlinkSync(at("years/2023/a.csv"), at("years/2024/link.csv"));
    const dataset = await openDataset(at("years/**/*.csv"), { id: "" });
    expect(dataset.guesses[0]).toBe("2 files, from 2023/a.csv to 2024/a.csv");
    expect(await contents(dataset)).toEqual(["one two", "three four", "five six"]);
    expect((await allRows(dataset)).map((row) => row.id)).toEqual([
      "2023/a.csv:2",
      "2023/a.csv:3",
      "2024/a.csv:2",
    ]);
    expect(dataset.shareRead()).toBe(1);
    const { identity } = dataset;
    expect((await openDataset(at("years/**/*.csv"), { id: "" })).identity).toBe(identity);
    folder.write("years/2024/b.csv", "text,id\nfive six,3\n");
    expect((await openDataset(at("years/**/*.csv"), { id: "" })).identity).not.toBe(identity);
  });

  it("takes Parquet and packed files too", async () => {
    expect(
      await allRows(
        await openDataset(join(fixtures, "pyarrow-{zstd,lz4}.parquet"), { text: "text", id: "" }),
      ),
    ).toHaveLength(12);
    for (const part of ["1", "2"])
      folder.write(`packed/${part}.jsonl.gz`, gzipSync(`{"text":"part ${part}"}\n`));
    expect(await contents(await openDataset(at("packed/*.gz")))).toEqual(["part 1", "part 2"]);
  });

  it("is refused where columns or formats differ, or nothing is found", async () => {
    folder.write("other/a.csv", "text,label\na b,c\n");
    folder.write("other/b.csv", "text,topic\na b,c\n");
    folder.write("other/c.jsonl", '{"text":"a b"}\n');
    await expect(openDataset(at("other/*.csv"))).rejects.toMatchObject({
      code: "data",
      message: "b.csv lacks 'label' and has 'topic' besides: its columns are not those of a.csv",
    });
    await expect(openDataset(at("other/*"))).rejects.toMatchObject({
      message: expect.stringContaining("files of several formats: csv, jsonl"),
    });
    await expect(openDataset(at("other/*.tsv"))).rejects.toMatchObject({
      code: "data",
      message: `No files match ${at("other/*.tsv")}`,
    });
  });

  it("finds images, whose classes are the folders below its fixed beginning", async () => {
    for (const name of ["cat/1.jpg", "dog/2.jpg", "dog/deep/3.jpg"]) folder.write(`photos/${name}`, "x");
    const dataset = await openDataset(at("photos/**/*.jpg"));
    expect(dataset).toMatchObject({ modality: "image", count: 3 });
    expect((await allRows(dataset)).map((row) => row.state === "row" && [row.id, row.label])).toEqual([
      ["cat/1.jpg", "cat"],
      ["dog/2.jpg", "dog"],
      ["dog/deep/3.jpg", "dog"],
    ]);
  });

  it("is none where a file is called so", async () => {
    expect(await contents(await openDataset(folder.write("a[1].txt", "a b\n")))).toEqual(["a b"]);
  });
});

describe("sounds", () => {
  it("lie in folders like images; a folder of both is refused until it is said which", async () => {
    for (const name of ["yes/1.wav", "no/2.FLAC", "no/3.opus"]) folder.write(`words/${name}`, wav);
    const dataset = await openDataset(at("words"));
    expect(dataset).toMatchObject({
      modality: "audio",
      count: 3,
      guesses: ["labels: the folders' names (2)"],
    });
    expect((await allRows(dataset))[0]).toMatchObject({
      id: "no/2.FLAC",
      label: "no",
      content: { kind: "audio" },
    });
    folder.write("words/yes/cover.jpg", png);
    await expect(openDataset(at("words"))).rejects.toMatchObject({
      code: "data",
      message: `${at("words")} holds 1 images and 3 sounds`,
    });
    expect((await openDataset(at("words"), { format: "audio" })).count).toBe(3);
    expect((await openDataset(at("words"), { format: "images" })).count).toBe(1);
    expect(await openDataset(at("words/yes/1.wav"))).toMatchObject({ modality: "audio", count: 1 });
  });
});

describe("a column of images or sounds", () => {
  it("holds paths, data: addresses, or bytes", async () => {
    folder.write("media/in/a.png", png);
    const url = `data:image/png;base64,${png.toString("base64")}`;
    const file = folder.write(
      "media/list.csv",
      `picture,label\nin/a.png,x\n"${url}",y\n"data:;base64,",z\ndata:image/png,raw,z\n`,
    );
    const rows = await allRows(await openDataset(file, { image: "picture" }));
    expect(rows[0]).toMatchObject({ content: { kind: "image" } });
    expect(rows[1]).toMatchObject({ content: { kind: "image", bytes: png } });
    expect(rows.slice(2).map((row) => row.state === "rejected" && row.reason)).toEqual([
      "an image of 0 bytes",
      expect.stringContaining("expected 2 columns, got 3"),
    ]);
  });

  it("is guessed by names and bytes", async () => {
    const sounds = await openDataset(
      folder.write("sounds.jsonl", '{"clip":"a.wav","n":1}\n{"clip":"b.mp3","n":2}\n'),
    );
    expect(sounds).toMatchObject({ modality: "audio", columns: { content: "clip" } });
    expect(sounds.guesses[0]).toBe('audio column: "clip" (its values are paths of sounds)');
    const url = `data:audio/wav;base64,${wav.toString("base64")}`;
    const inline = await openDataset(folder.write("inline.jsonl", JSON.stringify({ what: url })));
    expect(inline.modality).toBe("audio");
    expect((await allRows(inline))[0]).toMatchObject({ content: { kind: "audio", bytes: wav } });
  });
});

describe("stdin", () => {
  const table = tableFromArrays({ text: ["one two", "three four"], label: ["a", "b"] });

  it("may be an Arrow stream, known by its bytes", async () => {
    for (const bytes of [tableToIPC(table, "stream"), readFileSync(join(fixtures, "pyarrow.arrows"))]) {
      const dataset = await openDataset("-", { stdin: Readable.from([Buffer.from(bytes)]), text: "text" });
      expect((await contents(dataset)).length).toBeGreaterThan(1);
    }
  });

  it("is not Parquet or a database", async () => {
    for (const name of ["polars.parquet", "sqlite.sqlite"]) {
      await expect(
        openDataset("-", { stdin: Readable.from([readFileSync(join(fixtures, name))]) }),
      ).rejects.toMatchObject({
        code: "data",
        hint: "Save it as a file, and name that.",
      });
    }
  });
});

describe("embeddings given as raw input", () => {
  it("are recognised", async () => {
    const table = tableFromArrays({ id: ["a"] });
    table.schema.metadata.set("headstart.format", "1");
    const file = folder.write("done.arrow", tableToIPC(table, "file"));
    await expect(openDataset(file)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("holds embeddings already"),
      hint: expect.stringContaining("headstart train"),
    });
  });
});

describe("a DuckDB database", () => {
  it("is read by table or view, read-only, also where it is called .db", async () => {
    const path = at("rows.db");
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run(
      "CREATE TABLE rows AS SELECT i AS id, 'text number ' || i AS text, i % 3 AS label, DATE '2024-05-17' AS day, 1.50::DECIMAL(9,2) AS price, [i] AS list, 'ab'::BLOB AS raw FROM range(5000) t(i)",
    );
    await connection.run("CREATE VIEW few AS SELECT * FROM rows LIMIT 2");
    await connection.run(
      `CREATE VIEW outside AS SELECT * FROM read_csv('${folder.write("x.csv", "text\na b\n")}')`,
    );
    connection.closeSync();
    instance.closeSync();
    const dataset = await openDataset(path);
    expect(dataset.count).toBe(5000);
    const rows = await allRows(dataset);
    expect(rows).toHaveLength(5000);
    expect(rows[4999]).toMatchObject({
      id: "4999",
      label: "1",
      content: { text: "text number 4999" },
      source: "rows.db:5000",
    });
    const text = async (column: string) =>
      (await contents(await openDataset(path, { text: column, table: "few", id: "" })))[0];
    expect(await text("day")).toBe("2024-05-17");
    expect(Number(await text("price"))).toBe(1.5);
    expect(await text("list")).toBe("! column 'list' holds a list, not text");
    expect(await text("raw")).toBe("ab");
    await expect(openDataset(path, { table: "outside" }).then(allRows)).rejects.toMatchObject({
      code: "data",
    });
    await expect(openDataset(path, { format: "sqlite" })).rejects.toMatchObject({
      hint: expect.stringContaining("duckdb"),
    });
  });
});

describe("a DuckDB database of another release", () => {
  it("is refused, naming the way out", async () => {
    const path = at("later.duckdb");
    const instance = await DuckDBInstance.create(path);
    instance.closeSync();
    const bytes = readFileSync(path);
    // The header's checksum, its first eight bytes, is an exclusive or over words times a constant.
    const hash = (word: bigint): bigint => BigInt.asUintN(64, word * 0xbf58476d1ce4e5b9n);
    const before = bytes.readBigUInt64LE(8);
    bytes.writeUInt32LE(9999, 12);
    const sum = bytes.readBigUInt64LE(0) ^ hash(before) ^ hash(bytes.readBigUInt64LE(8));
    bytes.writeBigUInt64LE(sum, 0);
    folder.write("later.duckdb", bytes);
    await expect(openDataset(path)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("version number 9999"),
      hint: expect.stringContaining("@duckdb/node-api"),
    });
  });
});

describe("an address", () => {
  let server: Server;
  let base: string;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!);
      const { url } = request;
      if (url === "/rows.csv") response.end("text,label\none two,a\nthree four,b\n");
      else if (url === "/rows.jsonl.gz") response.end(gzipSync('{"text":"one two"}\n'));
      else if (url === "/moved.csv") response.writeHead(302, { location: "/rows.csv" }).end();
      else if (url === "/away.csv") response.writeHead(302, { location: "http://127.0.0.2/rows.csv" }).end();
      else if (url === "/file.csv") response.writeHead(302, { location: "file:///etc/passwd" }).end();
      else if (url === "/round.csv") response.writeHead(302, { location: "/round.csv" }).end();
      else if (url === "/a.png") response.end(png);
      else if (url?.startsWith("/table")) response.end(readFileSync(join(fixtures, "pyarrow-zstd.parquet")));
      else if (url === "/page.parquet") response.end("<!doctype html><title>Sign in</title>");
      else if (url === "/cut.parquet") response.end("PAR1 and nothing more");
      else if (url === "/cut.csv") {
        response.writeHead(200, { "content-length": "1000" });
        response.write("text,label\none two,a\n", () => response.destroy());
      } else if (url === "/list.csv")
        response.end(
          `image\n${base}/a.png\n${base}/gone.png\nhttp://169.254.169.254/a.png\nhttp://localhost:1/a.png\n`,
        );
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is fetched only where that is asked for", async () => {
    await expect(openDataset(`${base}/rows.csv`)).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--fetch"),
    });
    expect(asked).toEqual([]);
    for (const name of ["rows.csv", "moved.csv"]) {
      const dataset = await openDataset(`${base}/${name}`, { fetch: true });
      expect(dataset.identity).toBeNull();
      expect(await contents(dataset)).toEqual(["one two", "three four"]);
    }
    expect(await contents(await openDataset(`${base}/rows.jsonl.gz`, { fetch: true }))).toEqual(["one two"]);
    expect((await allRows(await openDataset(`${base}/a.png`, { fetch: true })))[0]).toMatchObject({
      content: { bytes: png },
    });
  });

  it.each([
    ["gone.csv", "the server answered 404"],
    ["away.csv", "is not on the open internet"],
    ["file.csv", "it leads to file:"],
    ["round.csv", "more than 5 redirections"],
    ["cut.csv", "broke off"],
  ])("that cannot be had says why: %s", async (name, message) => {
    await expect(openDataset(`${base}/${name}`, { fetch: true }).then(allRows)).rejects.toMatchObject({
      code: "io",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  it("in a row is fetched from the open internet, or from where the table came", async () => {
    const rows = await allRows(await openDataset(`${base}/list.csv`, { fetch: true, image: "image" }));
    expect(rows[0]).toMatchObject({ content: { kind: "image", bytes: png } });
    const reasons = rows.slice(1).map((row) => (row.state === "rejected" ? row.reason : ""));
    expect(reasons[0]).toContain("the server answered 404");
    for (const reason of reasons.slice(1)) expect(reason).toContain("is not on the open internet");
    const before = asked.length;
    const local = folder.write("local.csv", `image\n${base}/a.png\n`);
    expect((await allRows(await openDataset(local, { fetch: true, image: "image" })))[0]).toMatchObject({
      reason: expect.stringContaining("is not on the open internet"),
    });
    expect(asked.length).toBe(before);
  });

  it("of a table that is not read from first to last is kept in a file meanwhile", async () => {
    const expected = await contents(
      await openDataset(join(fixtures, "pyarrow-zstd.parquet"), { text: "text", id: "" }),
    );
    for (const name of ["table.parquet", "table?download=1"]) {
      const dataset = await openDataset(`${base}/${name}`, { fetch: true, text: "text", id: "" });
      expect(await contents(dataset)).toEqual(expected);
      expect((await allRows(dataset))[0]!.source).toMatch(/^table(\.parquet)?:1$/);
    }
    await expect(openDataset(`${base}/cut.parquet`, { fetch: true })).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(/^cut\.parquet is cut short/),
    });
    await expect(openDataset(`${base}/page.parquet`, { fetch: true })).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(/^page\.parquet is an HTML page/),
    });
    const few = streamSource(Readable.from([png, png]), "table.parquet");
    await expect(downloadedFile(few, png.length)).rejects.toMatchObject({
      code: "data",
      message: `table.parquet has more than ${png.length} bytes, the most that is fetched of it`,
    });
  });

  it("leaves no file behind when the process ends", async () => {
    const temporary = at("temporary");
    mkdirSync(temporary);
    const module = pathToFileURL(join(packageRoot(), "dist/src/data/open-dataset.js")).href;
    const script = `import { readdirSync } from "node:fs"; import { openDataset } from ${JSON.stringify(module)};
      await openDataset("${base}/table.parquet", { fetch: true, text: "text", id: "" });
      console.log(readdirSync(${JSON.stringify(temporary)}).length);`;
    const env = { ...process.env, TMPDIR: temporary, TEMP: temporary };
    const child = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    expect((await child).stdout).toBe("1\n");
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("in a row may lead to a private host that is named", async () => {
    const { host, hostname } = new URL(base);
    const local = folder.write("private.csv", `image\n${base}/a.png\nhttp://127.0.0.2/a.png\n`);
    for (const fetchHost of [[host], ["files.example", hostname]]) {
      const rows = await allRows(await openDataset(local, { fetch: true, fetchHost, image: "image" }));
      expect(rows[0]).toMatchObject({ content: { kind: "image", bytes: png } });
      expect(rows[1]).toMatchObject({
        reason: expect.stringContaining("if you trust it, name it with --fetch-host 127.0.0.2"),
      });
    }
    const elsewhere = { fetch: true, fetchHost: [`${hostname}:1`], image: "image" };
    expect((await allRows(await openDataset(local, elsewhere)))[0]).toMatchObject({ state: "rejected" });
    await expect(openDataset(local, { fetchHost: [host] })).rejects.toMatchObject({
      code: "usage",
      hint: "Add --fetch.",
    });
    for (const wrong of ["http://10.0.0.5", "10.0.0.5/", "", "user@host", "10.0.0.5:99999"]) {
      await expect(openDataset(local, { fetch: true, fetchHost: [wrong] })).rejects.toMatchObject({
        code: "usage",
        message: `'${wrong}' is no host`,
      });
    }
    for (const fine of ["10.0.0.5:8080", "Files.Intern", "[fd00::1]:80", "host:80"])
      await openDataset(local, { fetch: true, fetchHost: [fine], image: "image" });
  });

  it("is public or not", () => {
    for (const inner of [
      "127.0.0.1",
      "10.1.2.3",
      "192.168.1.1",
      "172.20.0.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "::1",
      "::",
      "fe80::1",
      "fd00::1",
      "::ffff:127.0.0.1",
      "::ffff:10.0.0.1",
      "224.0.0.1",
      "not an address",
    ]) {
      expect([inner, isPublicAddress(inner)]).toEqual([inner, false]);
    }
    for (const open of ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111"])
      expect(isPublicAddress(open)).toBe(true);
  });
});
