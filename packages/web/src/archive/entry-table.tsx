import { formatBytes, formatCount } from "@ozx/core/internal";
import { type CentralDirectory, type DirectoryEntry, entryAt, type ZipArchive } from "@ozx/store-zip";
import { useDeferredValue, useMemo, useState } from "react";
import "../metadata/table-frame.css";

const PER_PAGE = 100;

interface EntryTableProps {
  readonly archive: ZipArchive;
  /** The name of the entry that is being shown. */
  readonly shown: string | undefined;
  onShow(name: string): void;
}

/** All entries of the archive, in the order of its central directory, a page at a time. */
export function EntryTable({ archive, shown, onShow }: EntryTableProps) {
  const { directory } = archive;
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(0);
  const searched = useDeferredValue(filter.trim());
  const found = useMemo(
    () => (searched === "" ? undefined : findEntries(directory, searched)),
    [directory, searched],
  );
  const count = found?.length ?? directory.count;
  const pages = Math.max(1, Math.ceil(count / PER_PAGE));
  const current = Math.min(page, pages - 1);
  const first = current * PER_PAGE;
  const rows = Array.from({ length: Math.min(PER_PAGE, count - first) }, (_, row) =>
    entryAt(directory, found?.[first + row] ?? first + row),
  );
  return (
    <section aria-labelledby="entries-title" className="entries">
      <div className="entries-head">
        <h2 id="entries-title">Entries</h2>
        <input
          type="search"
          aria-label="Filter entries by name"
          placeholder="Filter by name"
          value={filter}
          onChange={({ target }) => {
            setFilter(target.value);
            setPage(0);
          }}
        />
        <Pages {...{ current, pages, count, first }} last={first + rows.length} onPage={setPage} />
      </div>
      <div className="table-frame">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Method</th>
              <th scope="col" className="number">
                Size
              </th>
              <th scope="col" className="number">
                Stored
              </th>
              <th scope="col" className="number">
                Offset
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((entry) => (
              <EntryRow key={entry.index} entry={entry} isShown={entry.name === shown} onShow={onShow} />
            ))}
          </tbody>
        </table>
        {count === 0 && <p className="soft">No entry name contains this text.</p>}
      </div>
    </section>
  );
}

function EntryRow({
  entry,
  isShown,
  onShow,
}: {
  entry: DirectoryEntry;
  isShown: boolean;
  onShow(name: string): void;
}) {
  const { name, method, size, compressedSize, headerOffset } = entry;
  return (
    <tr aria-current={isShown || undefined}>
      <td className="name" title={name}>
        {isDocument(name) ? (
          <button type="button" className="link" onClick={() => onShow(name)}>
            {name}
          </button>
        ) : (
          name
        )}
      </td>
      <td>{METHODS.get(method) ?? `method ${method}`}</td>
      <td className="number" title={`${formatCount(size)} bytes`}>
        {formatBytes(size)}
      </td>
      <td className="number" title={`${formatCount(compressedSize)} bytes`}>
        {formatBytes(compressedSize)}
      </td>
      <td className="number">{formatCount(headerOffset)}</td>
    </tr>
  );
}

const METHODS: ReadonlyMap<number, string> = new Map([
  [0, "stored"],
  [8, "deflated"],
  [9, "deflate64"],
  [12, "bzip2"],
  [14, "lzma"],
  [93, "zstd"],
]);

/** Whether an entry can be shown as text, by its name: metadata and text files. */
function isDocument(name: string): boolean {
  return /\.(json|xml|txt|csv|md)$|(^|\/)\.z(array|group|attrs|metadata)$/i.test(name);
}

interface PagesProps {
  /** Index of the shown page. */
  readonly current: number;
  readonly pages: number;
  /** Entries on all pages. */
  readonly count: number;
  /** Entries of the shown page: `first` to `last`, exclusive. */
  readonly first: number;
  readonly last: number;
  onPage(page: number): void;
}

function Pages({ current, pages, count, first, last, onPage }: PagesProps) {
  return (
    <div className="pages">
      <span role="status">
        {count === 0 ? "none" : `${formatCount(first + 1)} to ${formatCount(last)} of ${formatCount(count)}`}
      </span>
      {pages > 1 && (
        <>
          <button type="button" disabled={current === 0} onClick={() => onPage(0)} aria-label="First page">
            «
          </button>
          <button
            type="button"
            disabled={current === 0}
            onClick={() => onPage(current - 1)}
            aria-label="Previous page"
          >
            ‹
          </button>
          <button
            type="button"
            disabled={current === pages - 1}
            onClick={() => onPage(current + 1)}
            aria-label="Next page"
          >
            ›
          </button>
          <button
            type="button"
            disabled={current === pages - 1}
            onClick={() => onPage(pages - 1)}
            aria-label="Last page"
          >
            »
          </button>
        </>
      )}
    </div>
  );
}

/**
 * The entries whose names contain a text, ignoring the case of ASCII letters. Names are compared as bytes, so that an
 * archive with a million entries is searched within a key press.
 *
 * @returns indices in the directory, ascending
 */
export function findEntries({ count, names, nameEnds }: CentralDirectory, text: string): Uint32Array {
  const searched = new TextEncoder().encode(text).map(lower);
  const found = new Uint32Array(count);
  let hits = 0;
  for (let index = 0, start = 0; index < count; index++) {
    const end = nameEnds[index] ?? start;
    if (contains(names, start, end, searched)) found[hits++] = index;
    start = end;
  }
  return found.slice(0, hits);
}

function contains(names: Uint8Array, start: number, end: number, searched: Uint8Array): boolean {
  const last = end - searched.length;
  for (let at = start; at <= last; at++) {
    let same = 0;
    while (same < searched.length && lower(names[at + same] ?? 0) === searched[same]) same++;
    if (same === searched.length) return true;
  }
  return false;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
