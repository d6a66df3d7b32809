import { type ArchiveStore, describeArchive, isZipStore, type ZipArchive } from "@ozx/store-zip";
import { type SummaryRow, summarizeArchive, zipStore } from "@ozx/store-zip/internal";
import { useCallback, useMemo, useState } from "react";
import { DocumentPanel } from "../metadata/document-panel.js";
import { explainError } from "../open/explain-error.js";
import type { OpenedSource } from "../open/source-input.js";
import { useLoaded } from "../open/use-loaded.js";
import { ReportSection } from "../report/report-section.js";
import { EntryTable } from "./entry-table.js";
import "./archive-tab.css";

/** Whether the source conforms to the specifications, and what its archive contains. */
export function ArchiveTab({ opened: { source, store, node } }: { opened: OpenedSource }) {
  return (
    <div className="section-page">
      <ReportSection source={source} />
      {isZipStore(store) ? (
        <Archive store={store} version={node.version} />
      ) : (
        <section>
          <h2>Not an archive</h2>
          <p className="soft">This is a folder of files. The section “Convert” saves it as one .ozx.</p>
        </section>
      )}
    </div>
  );
}

function Archive({ store, version }: { store: ArchiveStore; version: string | undefined }) {
  const archive = useLoaded(
    useCallback(
      (signal: AbortSignal) => store.loadArchive({ signal }).catch((error: unknown) => explainError(error)),
      [store],
    ),
  );
  if (archive === undefined) return <p className="soft">Reading the archive’s directory …</p>;
  if ("message" in archive) return <p className="soft">{archive.message}</p>;
  return <LoadedArchive archive={archive} version={version} />;
}

function LoadedArchive({ archive, version }: { archive: ZipArchive; version: string | undefined }) {
  const [shown, setShown] = useState<string>();
  // Entry names start at the root of the archive, even where the image is in a folder inside it.
  const root = useMemo(() => zipStore(archive), [archive]);
  return (
    <>
      <ArchiveSummary archive={archive} version={version} />
      <EntryTable archive={archive} shown={shown} onShow={setShown} />
      {shown !== undefined && (
        <DocumentPanel
          key={shown}
          title={shown}
          read={(signal) => root.get(`/${shown}`, { signal })}
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  );
}

/** The properties of the archive that RFC-9 specifies, and its comment. */
function ArchiveSummary({ archive, version }: { archive: ZipArchive; version: string | undefined }) {
  const rows = useLoaded(
    useCallback(
      (signal: AbortSignal): Promise<readonly SummaryRow[]> =>
        describeArchive(archive, { signal }).then(
          (description) => summarizeArchive(description, version),
          (error: unknown) => [["Archive", explainError(error).message]],
        ),
      [archive, version],
    ),
  );
  const comment = new TextDecoder().decode(archive.end.comment);
  return (
    <section aria-labelledby="archive-title">
      <h2 id="archive-title">The archive</h2>
      <dl className="facts">
        {rows?.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {comment !== "" && (
          <div>
            <dt>Raw comment</dt>
            <dd>
              <code>{comment}</code>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
