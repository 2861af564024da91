import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../src/backbones/image/decode-image.js";
import { drawSvgApart, isQuickToDraw } from "../src/backbones/image/draw-svg.js";
import { svgContent } from "../src/backbones/image/svg-content.js";
import { HeadstartError } from "../src/core/errors.js";

const NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
const svg = (content: string, before = "", size = 100) =>
  Buffer.from(`${before}<svg ${NAMESPACES} width="${size}" height="${size}">${content}</svg>`);
const red = '<rect width="100" height="100" fill="#f00"/>';

/** Refused as data within two seconds, with a message that matches. */
async function refused(image: Uint8Array, message: RegExp): Promise<void> {
  const started = performance.now();
  const error = await decodeImage(image).catch((thrown: unknown) => thrown);
  expect(performance.now() - started).toBeLessThan(2000);
  expect(error).toBeInstanceOf(HeadstartError);
  expect((error as HeadstartError).code).toBe("data");
  expect((error as HeadstartError).message).toMatch(message);
}

describe("an SVG is refused", () => {
  it.each([
    ["an image from a file", svg('<image href="file:///etc/passwd" width="9" height="9"/>')],
    ["an image beside it", svg("<image xlink:href='cat.png' width='9' height='9'/>")],
    ["a shape of another document", svg('<use href="shapes.svg#a"/>')],
    ["a style sheet", svg(red, '<?xml-stylesheet href="style.css"?>')],
    ["an import in a style", svg(`<style>@import "a.css";</style>${red}`)],
    ["a fill from elsewhere", svg('<rect width="9" height="9" fill="url(http://127.0.0.1/a.svg#b)"/>')],
    ["an inclusion", svg('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text"/>')],
    ["UTF-16", Buffer.from(`\ufeff${svg('<image href="cat.png"/>').toString()}`, "utf16le")],
    ["a link written in numbers", svg('<image href="&#104;ttp://127.0.0.1/a.png" width="9" height="9"/>')],
  ])("that refers to something outside itself: %s", async (_, image) => {
    await refused(image, /refers to something outside itself/);
  });

  it("whose entities are files, or multiply", async () => {
    const file = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
    await refused(svg("<text>&x;</text>", file), /entities/);
    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join(
      "",
    );
    await refused(svg("<text>&l9;</text>", `<!DOCTYPE svg [<!ENTITY l0 "ha">${laughs}]>`), /entities/);
    const long = `<!DOCTYPE svg [<!ENTITY a "${"a".repeat(3000)}">]>`;
    await refused(svg(`<text>${"&a;".repeat(20_000)}</text>`, long), /entities/);
  });

  it("whose elements multiply by reference", async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `<g id="g${i + 1}">${`<use xlink:href="#g${i}"/>`.repeat(10)}</g>`,
    );
    await refused(svg(`<g id="g0">${red}</g>${levels.join("")}`), /more than 500000 elements/);
  });

  it.each([
    ["comments", "<!--"],
    ["entities", '<!ENTITY a "'],
    ["styles", "<style>"],
    ["quotes", "<a '"],
    ["attributes", '<a b="'],
    ["spaces", "url( "],
    ["blanks", "          "],
    ["elements", "<g/>"],
    ["levels", "<g>"],
    ["links", ' href="#a"'],
  ])("that is %s without end, in time", async (_, piece) => {
    const started = performance.now();
    const image = svg(`<g ${piece.repeat(Math.floor(3_000_000 / piece.length))}`);
    const error = await decodeImage(image).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "data" });
    expect(performance.now() - started).toBeLessThan(8000);
  });

  it("that takes too long to draw", async () => {
    const turbulence = '<feTurbulence baseFrequency="0.01" numOctaves="9"/>'.repeat(20);
    const slow = `<filter id="f">${turbulence}</filter><rect width="9000" height="9000" filter="url(#f)"/>`;
    const content = svgContent("slow.svg", svg(slow, "", 9000));
    expect(isQuickToDraw(content.cost, 9000 * 9000)).toBe(false);
    await expect(drawSvgApart(content, 1e8, 1500)).rejects.toThrow(/longer than 1.5 seconds/);
  });

  it("that unpacks to more than 10 MB", async () => {
    await refused(gzipSync(Buffer.alloc(100_000_000, "<svg ")), /longer than 10 MB/);
  });
});

describe("an SVG is drawn", () => {
  it("with a public DTD, plain entities, comments, links to click and its own gradients", async () => {
    const before =
      '<?xml version="1.0"?><!-- http://a --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"' +
      ' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [<!ENTITY ns "http://example.org/">]>';
    const content = `<g xmlns:x="&ns;"><a xlink:href="http://example.org">${red}</a><use href="#none"/></g>`;
    const { data } = await decodeImage(svg(content, before));
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  it("compressed", async () => {
    expect([...(await decodeImage(gzipSync(svg(red)))).data.subarray(0, 3)]).toEqual([255, 0, 0]);
  });

  it("in a process of its own as in this one", async () => {
    const shapes = (count: number) =>
      svg(`<circle cx="50" cy="50" r="30" fill="#08f" fill-opacity=".4"/>${"<g/>".repeat(count)}`);
    const apart = await decodeImage(shapes(3000));
    expect(apart).toEqual(await decodeImage(shapes(0)));
  });

  it("without a word to the network", async () => {
    const calls: string[] = [];
    const server = createServer((request, response) => {
      calls.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const inner = svg(
      `<image href="http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png" width="9" height="9"/>`,
    );
    const nested = `<image width="9" height="9" href="data:image/svg+xml;base64,${inner.toString("base64")}"/>`;
    expect((await decodeImage(svg(nested))).width).toBe(100);
    expect(calls).toEqual([]);
    server.close();
  });
});

describe("bombs and broken headers", () => {
  it.each([
    ["PNG of 2 GB once decoded", png(16_000, 16_000, 16, 6), /over the limit of 100 million/],
    ["GIF of 65,280 pixels a side", gif(65_280), /over the limit of 100 million/],
    ["BMP of 65,000 pixels a side", bmp(65_000, 65_000), /over the limit of 100 million/],
    ["PNG without columns", png(0, 10, 8, 2), /cut short or damaged/],
    ["BMP without rows", bmp(10, 0), /cut short or damaged/],
    ["BMP that ends after its header", bmp(100, 100), /cut short or damaged/],
    ["HEIC", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), /HEIC.*JPEG/],
    ["JPEG XL", Buffer.from("\xff\x0a\0\0\0\0\0\0\0\0\0\0", "latin1"), /JPEG XL.*PNG/],
  ])("a %s", async (_, image, message) => {
    await refused(image, message);
  });

  it("a PNG with 200 MB too many, in its pixels or in its profile, takes no harm", async () => {
    const many = deflateSync(Buffer.alloc(200_000_000));
    const profile = chunk("iCCP", Buffer.concat([Buffer.from("x\0\0"), many]));
    for (const image of [
      png(10, 10, 8, 2, many),
      png(10, 10, 8, 2, deflateSync(Buffer.alloc(310)), profile),
    ]) {
      const started = performance.now();
      const outcome = await decodeImage(image).catch((thrown: unknown) => (thrown as HeadstartError).code);
      expect(performance.now() - started).toBeLessThan(5000);
      if (outcome !== "data") expect(outcome).toMatchObject({ width: 10, height: 10 });
    }
  });
});

function png(
  width: number,
  height: number,
  depth: number,
  color: number,
  data: Uint8Array = deflateSync(Buffer.alloc(9)),
  extra: Uint8Array = new Uint8Array(0),
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, color, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    extra,
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}

function gif(edge: number): Buffer {
  const bytes = Buffer.from("47494638396100000000800000000000ffffff2c00000000000000000002024401003b", "hex");
  for (const at of [6, 8, 24, 26]) bytes.writeUInt16LE(edge, at);
  return bytes;
}

function bmp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(54);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}
