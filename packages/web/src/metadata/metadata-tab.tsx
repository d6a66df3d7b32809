import {
  type AbsolutePath,
  formatBytes,
  measureStored,
  plural,
  type StoredSizes,
  type ZarrNode,
} from "@ozx/core";
import { useEffect, useMemo, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import { DocumentPanel } from "./document-panel.js";
import { nodeRows } from "./node-rows.js";
import { NodeTable } from "./node-table.js";
import "../open/section-page.css";

/** The hierarchy: every node, and its document. */
export function MetadataTab({ opened }: { opened: OpenedSource }) {
  const { hierarchy, version } = opened.node;
  const sizes = useStoredSizes(opened);
  const rows = useMemo(() => nodeRows(hierarchy, sizes), [hierarchy, sizes]);
  const [shown, setShown] = useState<AbsolutePath>();
  const node = shown === undefined ? undefined : hierarchy.nodes.get(shown);
  const what =
    version === undefined ? `Zarr v${hierarchy.nodes.get("/")?.zarrFormat ?? 3}` : `OME-Zarr ${version}`;
  return (
    <div className="section-page">
      <section aria-labelledby="tree-title">
        <h2 id="tree-title">
          {what}, {plural(rows.length, "node")}
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

/** Attributes have a document of their own in Zarr v2. */
function documentOf({ zarrFormat, document, attributes }: ZarrNode): object {
  return zarrFormat === 3 ? document : { ...document, attributes };
}

/** What every array takes: undefined until all has been listed, and where nothing can be. */
export function useStoredSizes({ store, node }: OpenedSource): StoredSizes | undefined {
  const [sizes, setSizes] = useState<StoredSizes>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    measureStored(store, node.hierarchy, { signal }).then(
      (measured) => {
        if (!signal.aborted) setSizes(measured);
      },
      // What cannot be listed, as a folder on a server, has no sizes to show; its metadata is there all the same.
      () => {},
    );
    return () => controller.abort();
  }, [store, node]);
  return sizes;
}
