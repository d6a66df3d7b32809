import { isJsonObject } from "../../zarr/json.js";
import { listOf } from "../read-coordinate-systems.js";
import { member } from "../values.js";
import { IMAGES, rule } from "./rule.js";

/** "omero metadata (transitional)": the schemas of 0.5 and 0.6 leave out what their text still asks of channels. */
export const omeroChannel = rule({
  rule: "ome-omero-channel",
  level: "MUST",
  severity: "error",
  help: "Give each channel a color and a window with start, end, min and max, or leave out omero.",
  kinds: IMAGES,
  since: "0.5",
  *check({ node, metadata }) {
    const omero = member(metadata.attributes, "omero");
    if (!isJsonObject(omero)) return;
    for (const [index, channel] of listOf(omero, "channels").entries()) {
      const missing = ["color", "window"].filter((key) => !Object.hasOwn(channel, key));
      if (missing.length > 0) {
        yield `Channel ${index} in the omero metadata of the image ${node.path} has no ${missing.join(" and no ")}.`;
      }
    }
  },
});
