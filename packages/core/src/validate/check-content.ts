import { isOzxError, UnknownFormatError } from "../errors.js";
import type { Finding } from "../findings.js";
import type { OmeVersion } from "../ome/model.js";
import { omeMetadataOf, omeVersionOf } from "../ome/ome-metadata.js";
import { omeXmlKey } from "../ome/read-ome.js";
import { checkOme } from "../ome/rules/check-ome.js";
import type { Store } from "../store/store.js";
import type { CheckOptions } from "../store/store-format.js";
import { checkZarr } from "../zarr/check/check-zarr.js";
import { readHierarchy } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/** What the content of a store was understood as. */
export interface Content {
  readonly zarrFormat: 2 | 3 | undefined;
  readonly omeVersion: OmeVersion | undefined;
}

/**
 * Asks the rules of Zarr and of OME-Zarr, which are the same in every container. The hierarchy is read once.
 *
 * @throws UnknownFormatError where the store holds no hierarchy
 */
export async function checkContent(
  store: Store,
  found: (finding: Finding, set: string) => Promise<void>,
  options: CheckOptions,
): Promise<Content> {
  const { signal } = options;
  const hierarchy = await readHierarchy(store, { signal });
  const broken = new Set<string>(hierarchy.broken.map(({ path }) => path));
  const root = hierarchy.nodes.get("/");
  if (root === undefined && !broken.has("/")) {
    throw new UnknownFormatError(
      `${store.name} is no OME-Zarr: there is neither zarr.json nor .zgroup in it; give the folder or archive that the image itself is`,
      { location: store.name },
    );
  }
  for await (const finding of checkZarr(store, hierarchy, options)) await found(finding, "zarr");
  const omeXml = await readOmeXml(store, hierarchy, options);
  for (const finding of checkOme(hierarchy, { omeXml })) {
    // That a node cannot be read is told once, by the rule that says why.
    if (CONSEQUENCES.has(finding.rule) && broken.has(finding.where)) continue;
    // Nor can it be told what belongs to a root that cannot be read.
    if (finding.rule === "ome-label-source" && broken.has("/")) continue;
    await found(finding, "ome");
  }
  return { zarrFormat: root?.zarrFormat, omeVersion: versionOf(hierarchy) };
}

const CONSEQUENCES: ReadonlySet<string> = new Set(["ome-unreadable", "ome-level-array"]);

/** The OME-XML of a collection, which only collections are asked for. */
async function readOmeXml(
  store: Store,
  { nodes }: Hierarchy,
  { signal }: CheckOptions,
): Promise<string | undefined> {
  const root = nodes.get("/");
  const metadata = root && omeMetadataOf(root)?.attributes;
  if (metadata === undefined || !Object.hasOwn(metadata, "bioformats2raw.layout")) return undefined;
  try {
    const bytes = await store.get(omeXmlKey("/"), { signal });
    return bytes && new TextDecoder().decode(bytes);
  } catch (error) {
    // What is damaged is told by the container's own check.
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

function versionOf({ nodes }: Hierarchy): OmeVersion | undefined {
  for (const node of nodes.values()) {
    const version = omeVersionOf(node);
    if (version !== undefined) return version;
  }
  return undefined;
}
