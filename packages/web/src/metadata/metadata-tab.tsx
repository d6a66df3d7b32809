import type { AbsolutePath, ZarrNode } from "@ozx/core";
import { formatBytes, plural } from "@ozx/core/internal";
import { measureStored, type StoredSizes } from "@ozx/core/validate";
import { useCallback, useMemo, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import { useLoaded } from "../open/use-loaded.js";
import { DocumentPanel } from "./document-panel.js";
import { nodeRows } from "./node-rows.js";
import { NodeTable } from "./node-table.js";
import "../open/section-page.css";

/** The hierarchy: every node, and the document of the chosen one. */
export function MetadataTab({ opened }: { opened: OpenedSource }) {
  const { hierarchy, version } = opened.node;
  const sizes = useStoredSizes(opened);
  const rows = useMemo(() => nodeRows(hierarchy, sizes), [hierarchy, sizes]);
  const [shown, setShown] = useState<AbsolutePath>();
  const node = shown === undefined ? undefined : hierarchy.nodes.get(shown);
  const title =
    version === undefined ? `Zarr v${hierarchy.nodes.get("/")?.zarrFormat ?? 3}` : `OME-Zarr ${version}`;
  return (
    <div className="section-page">
      <section aria-labelledby="tree-title">
        <h2 id="tree-title">
          {title}, {plural(rows.length, "node")}
        </h2>
        {sizes !== undefined && sizes.entries !== null && sizes.bytes !== null && (
          <p className="soft">
            {plural(sizes.entries, "entry", "entries")}, {formatBytes(sizes.bytes)} stored.
          </p>
        )}
        <NodeTable rows={rows} measured={sizes !== undefined} shown={shown} onShow={setShown} />
      </section>
      {node !== undefined && (
        <DocumentPanel
          key={node.path}
          title={documentName(node)}
          read={async () => new TextEncoder().encode(JSON.stringify(documentOf(node)))}
          onClose={() => setShown(undefined)}
        />
      )}
    </div>
  );
}

function documentName({ path, zarrFormat, kind }: ZarrNode): string {
  const below = path === "/" ? "" : `${path.slice(1)}/`;
  if (zarrFormat === 3) return `${below}zarr.json`;
  return `${below}${kind === "array" ? ".zarray" : ".zgroup"} and .zattrs`;
}

/** The metadata of a node as one document; in Zarr v2 attributes have a document of their own. */
function documentOf({ zarrFormat, document, attributes }: ZarrNode): object {
  return zarrFormat === 3 ? document : { ...document, attributes };
}

/** Stored bytes of every array; undefined until all keys are listed, and where they cannot be, as in a folder on a server. */
function useStoredSizes({ store, node }: OpenedSource): StoredSizes | undefined {
  return useLoaded(
    useCallback((signal: AbortSignal) => measureStored(store, node.hierarchy, { signal }), [store, node]),
  );
}
