import { formatBytes } from "@ozx/core/internal";
import { useCallback, useEffect, useRef } from "react";
import { explainError } from "../open/explain-error.js";
import { useLoaded } from "../open/use-loaded.js";
import "./document-panel.css";

interface DocumentPanelProps {
  readonly title: string;
  /** The bytes of the document; undefined where it does not exist. Later values of this prop are ignored. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
  onClose(): void;
}

/** A document as text, JSON indented. */
export function DocumentPanel({ title, read, onClose }: DocumentPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const reading = useRef(read);

  const text = useLoaded(
    useCallback(
      (signal: AbortSignal) =>
        reading.current(signal).then(
          (bytes) => (bytes === undefined ? "The document does not exist." : textOf(bytes)),
          (error: unknown) => explainError(error).message,
        ),
      [],
    ),
  );

  useEffect(() => {
    if (text === undefined) return;
    panel.current?.focus({ preventScroll: true });
    panel.current?.scrollIntoView({ block: "nearest" });
  }, [text]);

  return (
    <aside className="document-panel" aria-label={title} tabIndex={-1} ref={panel}>
      <header>
        <code>{title}</code>
        <button type="button" onClick={() => void navigator.clipboard.writeText(text ?? "")}>
          Copy
        </button>
        <button type="button" onClick={onClose} aria-label="Close the document">
          ✕
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </aside>
  );
}

/** Characters that are shown of a document: more would keep the browser busy. */
const MAX_LENGTH = 300_000;

function textOf(bytes: Uint8Array): string {
  const text = prettyJson(new TextDecoder().decode(bytes));
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH)}\n… truncated; the whole document has ${formatBytes(bytes.length)}`;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
