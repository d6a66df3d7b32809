import * as axes from "./axes.js";
import * as collection from "./collection.js";
import * as labels from "./labels.js";
import * as levels from "./levels.js";
import * as omero from "./omero.js";
import * as plate from "./plate.js";
import type { OmeRule } from "./rule.js";
import * as scene from "./scene.js";
import * as transforms from "./transforms.js";
import * as version from "./version.js";
import * as well from "./well.js";

/** Every rule of the specification's prose that is checked, in the order in which findings come. */
export const OME_RULES: readonly OmeRule[] = [
  version,
  axes,
  levels,
  transforms,
  omero,
  labels,
  plate,
  well,
  collection,
  scene,
].flatMap((group) => Object.values(group));
