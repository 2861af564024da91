import { HeadstartError, messageOf } from "../src/core/errors.js";
import { materialise } from "./materialise.js";
import { mobilenetV2Mid } from "./mobilenet-v2-mid/recipe.js";
import type { Recipe } from "./recipe.js";
import { useLite } from "./use-lite/recipe.js";

/** Every embedded backbone. */
const recipes: readonly Recipe[] = [useLite, mobilenetV2Mid];

/** `npm run models`: builds what is missing or differs, a line for each; says nothing where all is in place. */
const updateManifest = process.argv.includes("--update-manifest");
try {
  for (const recipe of recipes) {
    const start = performance.now();
    if (!(await materialise(recipe, { updateManifest }))) continue;
    process.stdout.write(
      `models/${recipe.id} built in ${((performance.now() - start) / 1000).toFixed(1)} s\n`,
    );
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  if (error instanceof HeadstartError && error.hint !== undefined) process.stderr.write(`${error.hint}\n`);
  process.exitCode = 1;
}
