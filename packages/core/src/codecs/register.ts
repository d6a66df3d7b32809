/**
 * Importing this file is enough to let zarrita decode with the codecs of `@ozx/core/codecs`:
 *
 * ```
 * import "@ozx/core/codecs/register";
 * ```
 *
 * @module
 */
import { registry } from "zarrita";
import { registerCodecs } from "./zarrita.js";

registerCodecs(registry);
