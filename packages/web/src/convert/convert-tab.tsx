import type { OpenedSource } from "../open/opened-source.js";
import { ExtractSection } from "./extract-section.js";
import { SaveSection } from "./save-section.js";
import "../parts/section-page.css";
import "./convert.css";

/** Writes what is open to another place: into one file, or into a folder of files. */
export function ConvertTab({ opened }: { opened: OpenedSource }) {
  return (
    <div className="section-page convert">
      <SaveSection opened={opened} />
      <ExtractSection opened={opened} />
    </div>
  );
}
