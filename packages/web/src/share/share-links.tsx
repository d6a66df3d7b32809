import type { OpenImage, OpenNode } from "@ozx/core";
import { useState } from "react";
import type { OpenedSource } from "../open/source-input.js";

/** A link to the current view and one to Neuroglancer; nothing for local files, which cannot be shared. */
export function ShareLinks({ opened, image }: { opened: OpenedSource; image: OpenImage }) {
  const [copied, setCopied] = useState(false);
  const { source, node } = opened;
  if (source.kind !== "url") return null;
  const neuroglancer = neuroglancerLink(source.url, node, image);
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
      {neuroglancer !== undefined && (
        <a href={neuroglancer} target="_blank" rel="noreferrer">
          Open in Neuroglancer
        </a>
      )}
    </section>
  );
}

const SERVER = "https://neuroglancer-demo.appspot.com/#!";

/**
 * A link to Neuroglancer for the image, with a source such as `URL|zip:|zarr3:`. Undefined for addresses of this computer,
 * which others cannot reach.
 */
function neuroglancerLink(url: string, node: OpenNode, image: OpenImage): string | undefined {
  const { hostname } = new URL(url, "http://page");
  if (/^(?:localhost|127\.|\[::1\]|page$)/.test(hostname)) return undefined;
  const zarr = node.hierarchy.nodes.get(image.path)?.zarrFormat === 2 ? "zarr2:" : "zarr3:";
  const folder = image.path === "/" ? "" : `${image.path.slice(1)}/`;
  const root = "root" in node.store ? String(node.store.root) : "";
  const source =
    node.store.format === "zip"
      ? `${url}|zip:${root}${folder}|${zarr}`
      : `${url.replace(/\/?$/, "/")}${folder}|${zarr}`;
  const state = { layers: [{ type: "auto", name: image.name ?? "image", source }] };
  return SERVER + encodeURIComponent(JSON.stringify(state));
}
