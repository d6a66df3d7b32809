import {
  type ArchiveStore,
  describeArchive,
  isZipStore,
  summarizeArchive,
  type ZipArchive,
  zipStore,
} from "@ozx/store-zip";
import { useEffect, useMemo, useState } from "react";
import { DocumentPanel } from "../metadata/document-panel.js";
import { explainError } from "../open/explain-error.js";
import type { OpenedSource } from "../open/source-input.js";
import { ReportSection } from "../report/report-section.js";
import { EntryTable } from "./entry-table.js";
import "./archive-tab.css";

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
      <ArchiveSummary archive={archive} version={version} />
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

type SummaryRow = readonly [label: string, text: string];

/** What RFC-9 has a word about, as this archive has it, and its comment as it stands there. */
export function ArchiveSummary({ archive, version }: { archive: ZipArchive; version: string | undefined }) {
  const [facts, setFacts] = useState<readonly SummaryRow[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    describeArchive(archive, { signal }).then(
      (description) => {
        if (!signal.aborted) setFacts(summarizeArchive(description, version));
      },
      (error: unknown) => {
        if (!signal.aborted) setFacts([["Archive", explainError(error).message]]);
      },
    );
    return () => controller.abort();
  }, [archive, version]);
  const comment = new TextDecoder().decode(archive.end.comment);
  return (
    <section aria-labelledby="archive-title">
      <h2 id="archive-title">The archive</h2>
      <dl className="facts">
        {facts.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {comment !== "" && (
          <div>
            <dt>Comment as it is</dt>
            <dd>
              <code>{comment}</code>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** The archive of a store, once its whole directory is read; a sentence where it cannot be; undefined until then. */
export function useArchive(store: ArchiveStore): ZipArchive | string | undefined {
  const [archive, setArchive] = useState<ZipArchive | string>();

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    store
      .loadArchive({ signal })
      .catch((error: unknown) => explainError(error).message)
      .then((result) => {
        if (!signal.aborted) setArchive(result);
      });
    return () => controller.abort();
  }, [store]);

  return archive;
}
