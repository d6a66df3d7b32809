import { type ArchiveStore, isZipStore, type ZipArchive, zipStore } from "@ozx/store-zip";
import { useMemo, useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";
import { DocumentPanel } from "../parts/document-panel.js";
import { ReportSection } from "../report/report-section.js";
import { ArchiveFacts } from "./archive-facts.js";
import { EntryTable } from "./entry-table.js";
import { useArchive } from "./use-archive.js";

/** Whether what is open follows the specifications, and how the archive that it lies in is made. */
export function ArchiveTab({ opened: { source, store, node } }: { opened: OpenedSource }) {
  return (
    <div className="section-page">
      <ReportSection source={source} />
      {isZipStore(store) ? (
        <Archive store={store} version={node.version} />
      ) : (
        <section>
          <h2>No archive</h2>
          <p className="soft">This is a folder of files. The section “Convert” makes one .ozx of it.</p>
        </section>
      )}
    </div>
  );
}

function Archive({ store, version }: { store: ArchiveStore; version: string | undefined }) {
  const archive = useArchive(store);
  if (archive === undefined) return <p className="soft">Reading the directory of the archive…</p>;
  if (typeof archive === "string") return <p className="soft">{archive}</p>;
  return <WholeArchive archive={archive} version={version} />;
}

function WholeArchive({ archive, version }: { archive: ZipArchive; version: string | undefined }) {
  const [shown, setShown] = useState<string>();
  // Entries are named from the root of the archive, wherever the image lies in it.
  const whole = useMemo(() => zipStore(archive), [archive]);
  return (
    <>
      <ArchiveFacts archive={archive} version={version} />
      <EntryTable archive={archive} shown={shown} onShow={setShown} />
      {shown !== undefined && (
        <DocumentPanel
          key={shown}
          title={shown}
          read={(signal) => whole.get(`/${shown}`, { signal })}
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  );
}
