import { existsSync, statSync } from "node:fs";
import { access, constants, readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { checkpointFiles } from "../checkpoint-files.js";
import { graphFile } from "../graph-file.js";
import { hubSettings } from "../hub/hub-settings.js";

/** Where a variant goes. */
export interface VariantTarget {
  /** Absolute. */
  readonly folder: string;
  /** Whether that is the source's own folder: then only the graph and its manifest are added. */
  readonly beside: boolean;
}

/**
 * Decides where a variant is written, before any work.
 * @param id - as the user wrote it. @param source - the folder of its fp32 form.
 * @param out - as the user wrote it; default: `models/<id>-int8` in the working folder, where the id `<id>-int8` finds it.
 * @throws {HeadstartError} `usage` for a folder that holds something else, an int8 graph already, or that is part of the
 *   Hub's cache; `io` if it cannot be written.
 */
export async function variantTarget(
  id: string,
  source: string,
  out: string | undefined,
): Promise<VariantTarget> {
  const folder = resolve(out ?? defaultFolder(id, source));
  const beside = existsSync(folder) && (await realpath(folder)) === (await realpath(source));
  const cache = resolve(hubSettings().cache);
  if (folder === cache || folder.startsWith(cache + sep)) {
    throw new HeadstartError(
      "usage",
      `${folder} is part of the Hub's cache: a variant of one's own does not belong there`,
      {
        facts: { folder, cache },
        hint: "Give another folder by -o, or leave it out.",
      },
    );
  }
  if (beside) {
    const present = graphFile(await checkpointFiles(folder), "int8", "text");
    if (present !== null) throw alreadyThere(folder, `has an int8 graph already (${present})`);
  } else if (existsSync(folder) && (await readdir(folder).catch(() => ["a file"])).length > 0) {
    throw alreadyThere(folder, "exists already and is not empty");
  }
  await checkWritable(folder);
  return { folder, beside };
}

function defaultFolder(id: string, source: string): string {
  const isPath = existsSync(resolve(id)) || id.startsWith(".");
  return join("models", `${isPath ? basename(source) : id}-int8`);
}

function alreadyThere(folder: string, what: string): HeadstartError {
  return new HeadstartError("usage", `${folder} ${what}`, {
    facts: { folder },
    hint: "Remove it first, or write to another folder with -o.",
  });
}

async function checkWritable(folder: string): Promise<void> {
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const isFolder = statSync(nearest).isDirectory();
  const failure = isFolder
    ? await access(nearest, constants.W_OK).then(
        () => null,
        (cause: unknown) => cause,
      )
    : new Error(`${nearest} is no folder`);
  if (failure !== null) {
    throw new HeadstartError("io", `Cannot write ${folder}: ${messageOf(failure)}`, {
      facts: { folder },
      hint: "Write to another folder with -o.",
      cause: failure,
    });
  }
}
