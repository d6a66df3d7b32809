import { formatBytes } from "@ozx/core/internal";
import { useCallback, useEffect, useRef, useState } from "react";
import { requestedAddress } from "./open-input.js";
import { fileSource, type SourceInput, urlSource } from "./source-input.js";
import { useLoaded } from "./use-loaded.js";

/** A button that downloads a whole file and opens it, for servers that do not send parts of files. */
export function DownloadOffer({ url, onOpen }: { url: string; onOpen(source: SourceInput): void }) {
  const size = useLoaded(useCallback((signal: AbortSignal) => sizeAt(url, signal), [url]));
  const [state, setState] = useState<"offered" | "running" | "failed">("offered");
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const download = async (): Promise<void> => {
    setState("running");
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    try {
      const answer = await fetch(requestedAddress(url), { signal });
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      const file = new File([await answer.blob()], urlSource(url).name);
      if (!signal.aborted) onOpen(fileSource(file));
    } catch {
      if (!signal.aborted) setState("failed");
    }
  };
  const amount = size === undefined ? "" : ` (${formatBytes(size)})`;
  return (
    <p>
      <button
        type="button"
        className="primary"
        disabled={state === "running"}
        onClick={() => void download()}
      >
        {state === "running" ? `Downloading the whole file${amount} …` : `Download the whole file${amount}`}
      </button>
      {state === "failed" && <span role="alert"> The download failed; try again.</span>}
    </p>
  );
}

/** The length that a server tells; undefined where it tells none. */
async function sizeAt(url: string, signal: AbortSignal): Promise<number | undefined> {
  const { ok, headers } = await fetch(requestedAddress(url), { method: "HEAD", signal });
  const length = Number(headers.get("content-length") ?? Number.NaN);
  return ok && !headers.has("content-encoding") && length > 0 ? length : undefined;
}
