import type { OpenImage, OpenNode } from "@ozx/core";

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
