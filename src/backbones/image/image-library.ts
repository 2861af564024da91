/** The library that decodes images, and the formats that it reads here. Throws where its binaries are missing. */
export async function imageLibrary(): Promise<{
  readonly version: string;
  readonly formats: readonly string[];
}> {
  const { default: sharp } = await import("sharp");
  const readable = Object.entries(sharp.format).filter(([, format]) => format.input.file);
  return { version: sharp.versions.sharp, formats: readable.map(([name]) => name) };
}
