import type { OpenImage, OpenNode } from "@ozx/core";
import { useState } from "react";
import type { OpenedSource } from "../open/source-input.js";

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

const SERVER = "https://neuroglancer-demo.appspot.com/#!";

/**
 * A link to Neuroglancer, which reads the same address: `URL|zip:|zarr3:`. Undefined for what no other computer
 * can reach.
 */
export function neuroglancerLink(url: string, node: OpenNode, image: OpenImage): string | undefined {
  const { hostname } = new URL(url, "http://page");
  if (/^(?:localhost|127\.|\[::1\]|page$)/.test(hostname)) return undefined;
  const zarr = node.hierarchy.nodes.get(image.path)?.zarrFormat === 2 ? "zarr2:" : "zarr3:";
  const inside = image.path === "/" ? "" : `${image.path.slice(1)}/`;
  const root = "root" in node.store ? String(node.store.root) : "";
  const source =
    node.store.format === "zip"
      ? `${url}|zip:${root}${inside}|${zarr}`
      : `${url.replace(/\/?$/, "/")}${inside}|${zarr}`;
  const state = { layers: [{ type: "auto", name: image.name ?? "image", source }] };
  return SERVER + encodeURIComponent(JSON.stringify(state));
}
