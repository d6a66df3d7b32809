import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotFoundError } from "@ozx/core";

/**
 * The folder of the page that is shipped with the command, beside its built code.
 *
 * @throws NotFoundError where the page has not been built
 */
export function pageFolder(): string {
  const folder = fileURLToPath(new URL("./page", import.meta.url));
  if (existsSync(join(folder, "index.html"))) return folder;
  throw new NotFoundError(
    "the page is not there: in a clone, build it with npm run build; otherwise install ozx again",
    { location: folder },
  );
}
