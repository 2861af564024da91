import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeImage } from "../src/backbones/image/decode-image.js";
import { HeadstartError } from "../src/core/errors.js";
import { sha256 } from "../src/core/hash.js";
import { synthetic } from "./golden/pillow/synthetic.js";

const picture = synthetic(40, 24);
const encoded = (channels: 1 | 2 | 3 | 4, data: Uint8Array, width: number, height: number) =>
  sharp(data, { raw: { width, height, channels } });
const rgb = () => encoded(3, picture.data, picture.width, picture.height);
const pixel = async (image: Uint8Array | string, x = 0, y = 0) => {
  const { data, width } = await decodeImage(image);
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
};
const failure = async (image: Uint8Array | string) => {
  const thrown = await decodeImage(image).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(HeadstartError);
  return thrown as HeadstartError;
};

describe("decodeImage", () => {
  it("gives back a PNG's own bytes", async () => {
    const decoded = await decodeImage(await rgb().png().toBuffer());
    expect({ width: decoded.width, height: decoded.height }).toEqual({ width: 40, height: 24 });
    expect(Buffer.compare(decoded.data, picture.data)).toBe(0);
  });

  it("applies the EXIF orientation", async () => {
    const turned = await decodeImage(await rgb().withMetadata({ orientation: 6 }).png().toBuffer());
    expect({ width: turned.width, height: turned.height }).toEqual({ width: 24, height: 40 });
    const at = (x: number, y: number) => [...picture.data.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3)];
    expect([...turned.data.subarray(0, 3)]).toEqual(at(0, 23));
    expect([...turned.data.subarray(23 * 3, 24 * 3)]).toEqual(at(0, 0));
  });

  it("reads a JPEG near to what went in, from bytes and from a path alike", async () => {
    const flat = new Uint8Array(40 * 24 * 3).map((_, i) => [200, 90, 30][i % 3]!);
    const jpeg = await encoded(3, flat, 40, 24).jpeg({ quality: 95 }).toBuffer();
    const path = join(mkdtempSync(join(tmpdir(), "headstart-image-")), "a.jpg");
    writeFileSync(path, jpeg);
    const decoded = await pixel(jpeg, 20, 12);
    for (const [i, value] of [200, 90, 30].entries()) expect(Math.abs(decoded[i]! - value)).toBeLessThan(4);
    expect(await pixel(path, 20, 12)).toEqual(decoded);
  });

  it("blends transparency on white, rounding as Pillow does", async () => {
    const data = Uint8Array.from([10, 20, 30, 0, 10, 20, 30, 255, 100, 200, 0, 128, 7, 77, 177, 33]);
    const png = await encoded(4, data, 4, 1).png().toBuffer();
    expect(await pixel(png, 0)).toEqual([255, 255, 255]);
    expect(await pixel(png, 1)).toEqual([10, 20, 30]);
    expect(await pixel(png, 2)).toEqual([177, 227, 127]);
    expect(await pixel(png, 3)).toEqual([223, 232, 245]);
  });

  it("spreads grey over three channels, with and without transparency", async () => {
    const grey = await encoded(1, Uint8Array.from([0, 77, 255, 128]), 4, 1)
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    expect(await pixel(grey, 1)).toEqual([77, 77, 77]);
    const faint = await encoded(2, Uint8Array.from([0, 0, 50, 255]), 2, 1)
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect(await pixel(faint, 0)).toEqual([255, 255, 255]);
    expect(await pixel(faint, 1)).toEqual([50, 50, 50]);
  });

  it("converts ink with a profile, to within 4 levels of Pillow's ImageCms", async () => {
    const soft = new Uint8Array(16 * 16 * 3).map((_, i) => [150, 120, 100][i % 3]!);
    const printed = encoded(3, soft, 16, 16).toColourspace("cmyk").withIccProfile("cmyk");
    for (const file of [await printed.jpeg({ quality: 100 }).toBuffer(), await printed.tiff().toBuffer()]) {
      expect(await sharp(file).metadata()).toMatchObject({ space: "cmyk", hasProfile: true });
      const levels = await pixel(file, 8, 8);
      for (const [i, value] of [141, 115, 86].entries())
        expect(Math.abs(levels[i]! - value)).toBeLessThanOrEqual(4);
    }
  });

  it("looks colours up in a palette", async () => {
    const data = Uint8Array.from([255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 255, 0]);
    const png = await encoded(3, data, 4, 1).png({ palette: true }).toBuffer();
    expect((await sharp(png).metadata()).isPalette).toBe(true);
    expect(await pixel(png, 1)).toEqual([0, 0, 255]);
    expect(await pixel(png, 3)).toEqual([0, 255, 0]);
  });

  it("keeps the high byte of 16 bits, in colour and in grey", async () => {
    const deep = Uint16Array.from([0x1234, 0xabcd, 0xff00]);
    const color = sharp(deep, { raw: { width: 1, height: 1, channels: 3 } }).toColourspace("rgb16");
    const png = await color.png().toBuffer();
    expect((await sharp(png).metadata()).depth).toBe("ushort");
    expect(await pixel(png)).toEqual([0x12, 0xab, 0xff]);
    const grey = sharp(Uint16Array.of(0x8042), { raw: { width: 1, height: 1, channels: 1 } }).toColourspace(
      "grey16",
    );
    expect(await pixel(await grey.png().toBuffer())).toEqual([0x80, 0x80, 0x80]);
  });
});

const golden = JSON.parse(readFileSync(new URL("./golden/pillow/decode.json", import.meta.url), "utf8")) as {
  cases: { name: string; sha256: string; file: string }[];
};

describe("decodeImage equals Pillow byte for byte", () => {
  it.each(golden.cases)("$name", async ({ sha256: expected, file }) => {
    const { data } = await decodeImage(Buffer.from(file, "base64"));
    expect(sha256(data)).toBe(expected);
  });
});

describe("decodeImage refuses, with the reason", () => {
  let jpeg: Buffer;
  beforeAll(async () => {
    jpeg = await encoded(3, synthetic(200, 150).data, 200, 150).jpeg().toBuffer();
  });

  it("a JPEG that is cut short", async () => {
    const error = await failure(jpeg.subarray(0, jpeg.length / 2));
    expect(error.code).toBe("data");
    expect(error.message).toMatch(/cut short or damaged/);
  });

  it.each(["png", "webp", "gif", "tiff"] as const)("a %s that is cut short", async (format) => {
    const { data } = synthetic(90, 60);
    const whole = await encoded(3, data, 90, 60)[format]().toBuffer();
    expect((await decodeImage(whole)).width).toBe(90);
    const error = await failure(whole.subarray(0, Math.floor(whole.length * 0.8)));
    expect(error.message).toMatch(/cut short or damaged/);
  });

  it("an empty file, named", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "headstart-image-")), "nothing.png");
    writeFileSync(path, "");
    const error = await failure(path);
    expect(error.code).toBe("data");
    expect(error.message).toMatch(/nothing\.png.*empty \(0 bytes\)/);
  });

  it("a text named .jpg", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "headstart-image-")), "text.jpg");
    writeFileSync(path, "This is a text, whatever its name says.\n");
    expect((await failure(path)).message).toMatch(/text\.jpg.*no image/);
  });

  it("a file that is not there", async () => {
    expect((await failure("/nowhere/cat.jpg")).message).toMatch(/cat\.jpg.*no such file/i);
  });

  it("an image of 30,000 x 30,000 pixels, before decoding it", async () => {
    const svgAsLarge = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>');
    const huge = hugePng(30_000);
    for (const bytes of [svgAsLarge, huge]) {
      const start = performance.now();
      const error = await failure(bytes);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(error.code).toBe("data");
      expect(error.message).toMatch(/30000 x 30000 pixels are over the limit of 100 million/);
    }
  });

  it("what a lower limit forbids", async () => {
    const error = await decodeImage(jpeg, { maxPixels: 10_000 }).catch((thrown: unknown) => thrown);
    expect((error as HeadstartError).facts).toMatchObject({ width: 200, height: 150, maxPixels: 10_000 });
  });
});

/** The header of a PNG that claims `edge` pixels a side, and almost no data. */
function hugePng(edge: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.from([0x78, 0x9c])),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}
