import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** The real path of a file that a row names, or why it is refused. */
export type ContainedPath = { readonly path: string } | { readonly reason: string };

/**
 * Finds the file that a row of a data set names, and refuses whatever lies outside its folder, be it by `..`, an
 * absolute path to elsewhere or a link. Backslashes count as slashes on every platform.
 * @param folder - the real path of the folder that files must lie in.
 */
export async function containedPath(folder: string, named: string): Promise<ContainedPath> {
  if (named.includes("\0")) return { reason: "a path with a NUL byte" };
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(named))
    return { reason: `'${named}' is an address; only files are read` };
  const wanted = resolve(folder, sep === "/" ? named.replaceAll("\\", "/") : named);
  if (!isWithin(folder, wanted))
    return {
      reason: `'${named}' lies outside the data set's folder; put the table in a folder above the pictures`,
    };
  try {
    const path = await realpath(wanted);
    if (!isWithin(folder, path)) return { reason: `'${named}' is a link to outside the data set's folder` };
    return (await stat(path)).isFile() ? { path } : { reason: `'${named}' is not a file` };
  } catch {
    return { reason: `no such file: '${named}'` };
  }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
