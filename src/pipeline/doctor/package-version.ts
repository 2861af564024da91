import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Version of an installed npm package; null where it is not installed. */
export function packageVersion(name: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(packageFile(name, "package.json"), "utf8")) as {
      version: string;
    };
    return version;
  } catch {
    return null;
  }
}

/**
 * Path of a file inside an installed npm package; does not load the package.
 * @throws if the package is not installed or hides the file.
 */
export function packageFile(name: string, file: string): string {
  return require.resolve(`${name}/${file}`);
}
