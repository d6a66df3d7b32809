import { ChooseButtons } from "./choose-buttons.js";
import { explainError } from "./explain-error.js";
import type { FailedSource, SourceInput } from "./opened-source.js";
import { UrlForm } from "./url-form.js";
import "./welcome.css";

/** A source that could not be opened: why, and what to do now. */
export function Failure({ failed, onOpen }: { failed: FailedSource; onOpen(source: SourceInput): void }) {
  const { source, error } = failed;
  const { title, message } = explainError(error);
  return (
    <main className="welcome failure">
      <div role="alert">
        <h1>{title}</h1>
        <p>{message}</p>
      </div>
      <ChooseButtons onChoose={onOpen} plain />
      {source.kind === "url" && <UrlForm onOpen={onOpen} initial={source.url} />}
    </main>
  );
}
