import { joinKey } from "../store/keys.js";
import type { AbsolutePath } from "../store/store.js";
import { isJsonObject } from "../zarr/json.js";
import type { ReadContext } from "./context.js";
import type { Bioformats2raw } from "./model.js";
import { countOmeXmlImages } from "./ome-xml.js";
import { UNREADABLE_PART } from "./problem.js";
import { readPath } from "./read-path.js";
import { member, spell } from "./values.js";

/**
 * Reads a group with `bioformats2raw.layout` ("bioformats2raw.layout", transitional). The order of its images is
 * the `series` of the group `OME`, else as many as the OME-XML has, else the groups 0, 1, 2 … as far as they go.
 */
export function readBioformats2raw(context: ReadContext, omeXml: string | undefined): Bioformats2raw {
  const { path, version, problems } = context;
  const base = { kind: "bioformats2raw", path, version, problems } as const;
  const series = readSeries(context);
  if (series !== undefined) return { ...base, images: series, order: "series" };
  const count = omeXml === undefined ? 0 : countOmeXmlImages(omeXml);
  if (count > 0) {
    const images = Array.from({ length: count }, (_, index) => joinKey(path, String(index)));
    return { ...base, images, order: "ome-xml" };
  }
  return { ...base, images: consecutiveGroups(context), order: "names" };
}

function readSeries(context: ReadContext): AbsolutePath[] | undefined {
  const { hierarchy, path, report } = context;
  const { attributes = {} } = hierarchy.nodes.get(joinKey(path, "OME")) ?? {};
  const ome = member(attributes, "ome");
  const series = member(isJsonObject(ome) ? ome : attributes, "series");
  if (!Array.isArray(series)) {
    if (series !== undefined) {
      report(UNREADABLE_PART, `The series of ${path} are not a list of paths: ${spell(series)}.`);
    }
    return undefined;
  }
  return series.flatMap((name: unknown) => readPath(name, `A series of ${path}`, context) ?? []);
}

function consecutiveGroups({ hierarchy, path }: ReadContext): AbsolutePath[] {
  const images: AbsolutePath[] = [];
  for (let index = 0; ; index++) {
    const image = joinKey(path, String(index));
    if (!hierarchy.nodes.has(image)) return images;
    images.push(image);
  }
}
