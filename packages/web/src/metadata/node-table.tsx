import type { AbsolutePath } from "@ozx/core";
import { formatBytes, formatRatio, formatShape, plural } from "@ozx/core/internal";
import type { ArrayReport } from "@ozx/core/validate";
import { type CSSProperties, useState } from "react";
import { initiallyCollapsed, type NodeRow, visibleRows } from "./node-rows.js";
import "./table-frame.css";
import "./node-table.css";

/** More rows than this are collapsed at first. */
const INITIAL_ROWS = 150;
/** Rows that are rendered before the user asks for more. */
const RENDERED_ROWS = 500;

interface NodeTableProps {
  readonly rows: readonly NodeRow[];
  /** Whether stored sizes are known. */
  readonly measured: boolean;
  readonly shown: AbsolutePath | undefined;
  onShow(path: AbsolutePath): void;
}

/** The tree of nodes, with the shape, chunks, type, codecs and sizes of every array. */
export function NodeTable({ rows, measured, shown, onShow }: NodeTableProps) {
  const [collapsed, setCollapsed] = useState(() => initiallyCollapsed(rows, INITIAL_ROWS));
  const [rendered, setRendered] = useState(RENDERED_ROWS);
  const visible = visibleRows(rows, collapsed);
  const rest = visible.length - rendered;

  const toggle = (path: AbsolutePath): void => {
    const next = new Set(collapsed);
    if (!next.delete(path)) next.add(path);
    setCollapsed(next);
  };

  return (
    <>
      <div className="table-frame nodes">
        <table>
          <thead>
            <tr>
              {["Node", "Shape", "Chunks", "Shards", "Type", "Codecs"].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
              {["Full", "Stored", "Ratio"].map((title) => (
                <th key={title} scope="col" className="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {visible.slice(0, rendered).map((row) => (
              <tr key={row.path} aria-current={row.path === shown || undefined}>
                <td className="node" style={{ "--depth": row.depth } as CSSProperties}>
                  <Toggle row={row} isCollapsed={collapsed.has(row.path)} onToggle={toggle} />
                  {row.kind === "broken" ? (
                    row.name
                  ) : (
                    <button type="button" className="link" onClick={() => onShow(row.path)}>
                      {row.name}
                    </button>
                  )}
                </td>
                {row.array === undefined ? (
                  <td colSpan={8} className="soft">
                    {row.fault ?? row.kind}
                  </td>
                ) : (
                  <ArrayCells array={row.array} measured={measured} />
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rest > 0 && (
        <p>
          <button type="button" onClick={() => setRendered(rendered + 10 * RENDERED_ROWS)}>
            Show {plural(Math.min(rest, 10 * RENDERED_ROWS), "more node")}
          </button>
        </p>
      )}
    </>
  );
}

function Toggle({
  row: { path, name, hasChildren },
  isCollapsed,
  onToggle,
}: {
  row: NodeRow;
  isCollapsed: boolean;
  onToggle(path: AbsolutePath): void;
}) {
  if (!hasChildren) return <span className="fold" />;
  return (
    <button
      type="button"
      className="fold"
      aria-expanded={!isCollapsed}
      aria-label={`Contents of ${name}`}
      onClick={() => onToggle(path)}
    >
      {isCollapsed ? "▸" : "▾"}
    </button>
  );
}

function ArrayCells({ array, measured }: { array: ArrayReport; measured: boolean }) {
  const { shape, chunks, shards, dtype, codecs, storedBytes, storedObjects, allObjects } = array;
  // Null where keys cannot be listed, as on a server.
  const stored = storedBytes === null ? "" : formatBytes(storedBytes);
  const full = array.uncompressedBytes === null ? undefined : Number(array.uncompressedBytes);
  return (
    <>
      <td>{formatShape(shape)}</td>
      <td>{formatShape(chunks)}</td>
      <td>{shards === null ? "" : formatShape(shards)}</td>
      <td>{dtype}</td>
      {/* Every array has the `bytes` codec, so it is left out. */}
      <td>{codecs.filter((name) => name !== "bytes").join(", ")}</td>
      <td className="number">{full === undefined ? "" : formatBytes(full)}</td>
      <td
        className="number"
        title={
          measured && storedObjects !== null ? `${storedObjects} of ${plural(allObjects, "object")}` : ""
        }
      >
        {measured ? stored : "…"}
      </td>
      <td className="number">{measured ? formatRatio(full, storedBytes ?? undefined) : ""}</td>
    </>
  );
}
