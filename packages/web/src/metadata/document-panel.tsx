import { formatBytes } from "@ozx/core";
import { useEffect, useRef, useState } from "react";
import { explainError } from "../open/explain-error.js";
import "./document-panel.css";

interface DocumentPanelProps {
  readonly title: string;
  /** The document's bytes; undefined where it is not there. */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
  onClose(): void;
}

/** A document as text, JSON laid out to be read. What it is read with does not change while it is shown. */
export function DocumentPanel({ title, read, onClose }: DocumentPanelProps) {
  const [text, setText] = useState<string>();
  const panel = useRef<HTMLElement>(null);
  const reading = useRef(read);

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    reading
      .current(signal)
      .then(
        (bytes) => (bytes === undefined ? "It is not there." : textOf(bytes)),
        (error: unknown) => explainError(error).message,
      )
      .then((result) => {
        if (!signal.aborted) setText(result);
      });
    return () => controller.abort();
  }, []);

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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{text}</pre>
    </aside>
  );
}

/** A text of more characters than this would keep the browser busy, and nobody reads it here. */
const LONGEST = 300_000;

function textOf(bytes: Uint8Array): string {
  const text = prettyJson(new TextDecoder().decode(bytes));
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST)}\n… and more: ${formatBytes(bytes.length)} in all`;
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
