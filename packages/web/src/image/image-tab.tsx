import type { OpenedSource } from "../open/opened-source.js";

/** The images of what is open. */
export function ImageTab({ opened }: { opened: OpenedSource }) {
  return (
    <ul>
      {opened.node.images.map(({ path }) => (
        <li key={path}>{path}</li>
      ))}
    </ul>
  );
}
