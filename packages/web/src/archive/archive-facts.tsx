import { archiveFacts, describeArchive, type ZipArchive } from "@ozx/store-zip";
import { useEffect, useState } from "react";
import { explainError } from "../open/explain-error.js";
import "./archive-facts.css";

type Fact = readonly [label: string, text: string];

/** What RFC-9 has a word about, as this archive has it, and its comment as it stands there. */
export function ArchiveFacts({ archive, version }: { archive: ZipArchive; version: string | undefined }) {
  const [facts, setFacts] = useState<readonly Fact[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    describeArchive(archive, { signal }).then(
      (description) => {
        if (!signal.aborted) setFacts(archiveFacts(description, version));
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
