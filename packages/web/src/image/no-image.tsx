import type { OpenNode } from "@ozx/core";

/** What to say where there is nothing to be seen. */
export function NoImage({ node }: { node: OpenNode }) {
  const what =
    node.kind === "array" ? "a single Zarr array without OME-Zarr metadata" : `a ${node.kind} without images`;
  return (
    <div className="welcome">
      <h1>No image in here</h1>
      <p>This is {what}. The other sections show what it holds.</p>
    </div>
  );
}
