import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import * as headstart from "../../src/index.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, refused } = workplace();
const at = (name: string): string => join(path, name);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.train({ embeddings: at("x.arrow"), out: at("head.onnx"), cv: 0 });
});

/** The commands that read embeddings, each asked to write what must not appear. */
const commands = (name: string): string[][] => [
  ["train", name, "-o", `${name}.made.onnx`],
  ["evaluate", "head.onnx", name],
  ["predict", "head.onnx", name, "-o", `${name}.made.csv`],
  ["inspect", name],
];

/** The same through the API, as promises of their errors. */
function errors(name: string): Promise<unknown>[] {
  const embeddings = at(name);
  const head = at("head.onnx");
  const calls = [
    headstart.train({ embeddings, out: at(`${name}.made.onnx`) }),
    headstart.evaluate({ head, embeddings }),
    headstart.predict({ head, input: embeddings, out: at(`${name}.made.csv`) }),
    headstart.inspect(embeddings),
  ];
  return calls.map((call) =>
    call.then(
      () => "no error",
      (error: unknown) => error,
    ),
  );
}

const made = (name: string): string[] => readdirSync(path).filter((file) => file.startsWith(`${name}.made`));

describe.concurrent("an embeddings file that is not whole", () => {
  it.each([
    ["of nothing", 0, "is empty"],
    ["of three bytes", 3, "is not an Arrow file"],
    ["of its magic number", 6, "is cut short"],
    ["of a tenth", 0.1, "is cut short"],
    ["without its last byte", -1, "is cut short"],
  ])("%s is refused by all that read it", async (_what, length, message) => {
    const whole = readFileSync(at("x.arrow"));
    const name = `cut${length}.arrow`;
    write(name, whole.subarray(0, length > 0 && length < 1 ? Math.floor(whole.length * length) : length));
    for (const error of await Promise.all(errors(name))) {
      expect(error).toMatchObject({
        message: expect.stringContaining(`${name} ${message}`),
        hint: expect.any(String),
      });
    }
    expect(made(name)).toEqual([]);
  });

  it("is refused by every command", async () => {
    write("half.arrow", readFileSync(at("x.arrow")).subarray(0, 60_000));
    const runs = commands("half.arrow").map((args) =>
      refused(args, 1, /half\.arrow is cut short/, /headstart embed/),
    );
    await Promise.all(runs);
    expect(made("half.arrow")).toEqual([]);
  });

  it("or whose footer is damaged is refused", async () => {
    const bytes = readFileSync(at("x.arrow"));
    bytes.fill(0xff, bytes.length - 300, bytes.length - 10);
    write("torn.arrow", bytes);
    for (const error of await Promise.all(errors("torn.arrow"))) {
      expect(error).toBeInstanceOf(headstart.HeadstartError);
      expect(error).toMatchObject({ message: expect.stringContaining("torn.arrow") });
    }
  });
});

describe.concurrent("a head file that is none", () => {
  it.each([
    ["an empty one", "empty.onnx", () => Buffer.alloc(0), /Not a valid ONNX file/, /train it again/],
    [
      "a cut one",
      "cut.onnx",
      () => readFileSync(at("head.onnx")).subarray(0, 3000),
      /Not a valid ONNX file/,
      /train it again/,
    ],
    [
      "embeddings",
      "x.onnx",
      () => readFileSync(at("x.arrow")),
      /an embeddings file, not a head/,
      /comes first/,
    ],
    [
      "another ONNX model",
      "model.onnx",
      () => readFileSync(join(packageRoot(), "models/use-lite/onnx/model.onnx")),
      /is no head/,
      /headstart train/,
    ],
  ])("%s is refused", async (_what, name, content, message, hint) => {
    write(name, content());
    const said = new RegExp(`${name.replace(".", "\\.")}:? .*${message.source}`);
    await refused(["predict", name, "reviews.csv", "-o", `${name}.made.csv`], 1, said, hint);
    const error = { message: expect.stringMatching(said), hint: expect.stringMatching(hint) };
    await expect(headstart.evaluate({ head: at(name), embeddings: at("x.arrow") })).rejects.toMatchObject(
      error,
    );
    if (name !== "x.onnx") await expect(headstart.inspect(at(name))).rejects.toMatchObject(error);
    expect(made(name)).toEqual([]);
  });

  it("a torn one never passes for whole, wherever it is cut", async () => {
    const whole = readFileSync(at("head.onnx"));
    for (let length = 0; length < whole.length; length += 97) {
      await expect(headstart.loadHead(whole.subarray(0, length))).rejects.toBeInstanceOf(
        headstart.HeadstartError,
      );
    }
  });
});
