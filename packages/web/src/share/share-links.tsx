import type { OpenImage } from "@ozx/core";
import { useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";
import { neuroglancerLink } from "./neuroglancer.js";

/** Ways to pass on what is shown; only what is on a server can be. */
export function ShareLinks({ opened, image }: { opened: OpenedSource; image: OpenImage }) {
  const [copied, setCopied] = useState(false);
  const { source, node } = opened;
  if (source.kind !== "url") return null;
  const elsewhere = neuroglancerLink(source.url, node, image);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <section className="share" aria-label="Share">
      <button type="button" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy link"}
      </button>
      {elsewhere !== undefined && (
        <a href={elsewhere} target="_blank" rel="noreferrer">
          Open in Neuroglancer
        </a>
      )}
    </section>
  );
}
