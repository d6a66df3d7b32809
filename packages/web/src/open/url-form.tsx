import { type FormEvent, useState } from "react";
import { urlSource } from "./dropped.js";
import type { SourceInput } from "./opened-source.js";

/** Opens what is at an address. */
export function UrlForm({ onOpen, initial = "" }: { onOpen(source: SourceInput): void; initial?: string }) {
  const [url, setUrl] = useState(initial);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const trimmed = url.trim();
    if (trimmed !== "") onOpen(urlSource(trimmed));
  };
  return (
    <form className="url-form" onSubmit={submit}>
      <label htmlFor="source-url">Or from a server</label>
      <div>
        <input
          id="source-url"
          type="url"
          required
          pattern="(https?|s3)://.+"
          title="An address that starts with https:// or s3://"
          placeholder="https://example.org/image.ozx"
          autoComplete="url"
          spellCheck={false}
          value={url}
          onChange={({ target }) => setUrl(target.value)}
        />
        <button type="submit">Open</button>
      </div>
    </form>
  );
}
