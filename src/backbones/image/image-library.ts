/** The library that decodes images, and the formats that it reads here. Throws where its binaries are missing. */
export async function imageLibrary(): Promise<{
  readonly version: string;
  readonly formats: readonly string[];
}> {
  const { default: sharp } = await import("sharp");
  const readable = Object.entries(sharp.format).filter(([, format]) => format.input.file);
  // Of the HEIF family its binaries read AVIF alone; bitmaps are read without it.
  const formats = readable.map(([name]) => (name === "heif" ? "avif" : name));
  return { version: sharp.versions.sharp, formats: [...formats, "bmp"] };
}
