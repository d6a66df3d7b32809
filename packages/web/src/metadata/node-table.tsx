import {
  type AbsolutePath,
  type ArrayReport,
  formatBytes,
  formatRatio,
  formatShape,
  plural,
} from "@ozx/core";
import { type CSSProperties, useState } from "react";
import { foldedAtFirst, type NodeRow, openRows } from "./node-rows.js";
import "./table-frame.css";
import "./node-table.css";

/** Rows that are open at first, and rows that are drawn at most before somebody asks for more. */
const OPEN_AT_FIRST = 150;
const DRAWN = 500;

interface NodeTableProps {
  readonly rows: readonly NodeRow[];
  /** Whether sizes are known. */
  readonly measured: boolean;
  readonly shown: AbsolutePath | undefined;
  onShow(path: AbsolutePath): void;
}

/** The tree of nodes, with what an array's metadata says of how it is stored. */
export function NodeTable({ rows, measured, shown, onShow }: NodeTableProps) {
  const [folded, setFolded] = useState(() => foldedAtFirst(rows, OPEN_AT_FIRST));
  const [drawn, setDrawn] = useState(DRAWN);
  const open = openRows(rows, folded);
  const rest = open.length - drawn;

  const toggle = (path: AbsolutePath): void => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    setFolded(next);
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
            {open.slice(0, drawn).map((row) => (
              <tr key={row.path} aria-current={row.path === shown || undefined}>
                <td className="node" style={{ "--depth": row.depth } as CSSProperties}>
                  <Fold row={row} isFolded={folded.has(row.path)} onToggle={toggle} />
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
          <button type="button" onClick={() => setDrawn(drawn + 10 * DRAWN)}>
            Show {plural(Math.min(rest, 10 * DRAWN), "more node")}
          </button>
        </p>
      )}
    </>
  );
}

function Fold({
  row: { path, name, hasChildren },
  isFolded,
  onToggle,
}: {
  row: NodeRow;
  isFolded: boolean;
  onToggle(path: AbsolutePath): void;
}) {
  if (!hasChildren) return <span className="fold" />;
  return (
    <button
      type="button"
      className="fold"
      aria-expanded={!isFolded}
      aria-label={`What is in ${name}`}
      onClick={() => onToggle(path)}
    >
      {isFolded ? "▸" : "▾"}
    </button>
  );
}

function ArrayCells({ array, measured }: { array: ArrayReport; measured: boolean }) {
  const { shape, chunks, shards, dtype, codecs, storedBytes, storedObjects, allObjects } = array;
  // A server does not list what it has.
  const stored = storedBytes === null ? "" : formatBytes(storedBytes);
  const full = array.uncompressedBytes === null ? undefined : Number(array.uncompressedBytes);
  return (
    <>
      <td>{formatShape(shape)}</td>
      <td>{formatShape(chunks)}</td>
      <td>{shards === null ? "" : formatShape(shards)}</td>
      <td>{dtype}</td>
      {/* All arrays have the codec that says the order of bytes. */}
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
