import type { AbsolutePath } from "../store/store.js";

/** The path that a reference in the metadata of a node means, or undefined where it leads out of the hierarchy. */
export function resolvePath(base: AbsolutePath, reference: string): AbsolutePath | undefined {
  const segments = reference.startsWith("/") ? [] : base.split("/").filter((segment) => segment !== "");
  for (const segment of reference.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return `/${segments.join("/")}`;
}
