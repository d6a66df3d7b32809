import { useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { baseName, download } from "../../convert/save-location.js";
import type { Camera, Size } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";
import { MarkLayer } from "./mark-layer.js";
import type { Mark, MarkKind } from "./marks.js";
import { describeMark, pixelSize, toGeoJson } from "./measures.js";
import "./measure.css";

export interface MeasurePanelProps {
  /** Of the open source, to name a file. */
  readonly name: string;
  readonly pyramid: Pyramid;
  readonly camera: Camera;
  readonly size: Size;
  readonly marks: readonly Mark[];
  onMarks(marks: readonly Mark[]): void;
}

const TOOLS: readonly (readonly [kind: MarkKind, title: string, help: string])[] = [
  ["line", "Line", "Drag from one end to the other"],
  ["area", "Area", "Click its corners; a double click closes it"],
  ["box", "Box", "Drag from one corner to the other"],
  ["point", "Point", "Click"],
];

/** The tools, and the list of what they have drawn. */
export function MeasurePanel({ name, pyramid, camera, size, marks, onMarks }: MeasurePanelProps) {
  const [tool, setTool] = useState<MarkKind>();
  const [stage, setStage] = useState<Element | null>();
  const pixel = useMemo(() => pixelSize(pyramid.image), [pyramid]);
  const help = TOOLS.find(([kind]) => kind === tool)?.[2];
  const save = (): void => {
    const json = new Blob([toGeoJson(marks, pixel)], { type: "application/geo+json" });
    download(json, `${baseName(name)}.geojson`);
  };
  return (
    <div ref={(own) => setStage(own?.closest(".image-view")?.querySelector(".stage"))}>
      <h2>Measure</h2>
      <div className="measure-tools" role="toolbar" aria-label="What to draw">
        {TOOLS.map(([kind, title]) => (
          <button
            key={kind}
            type="button"
            aria-pressed={tool === kind}
            onClick={() => setTool(tool === kind ? undefined : kind)}
          >
            {title}
          </button>
        ))}
      </div>
      {help !== undefined && <p className="hint">{help}. Press the button again to move the picture.</p>}
      <ol>
        {marks.map((mark, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark is known by its number
          <li key={at}>
            <span>{describeMark(mark, pixel)}</span>
            <button
              type="button"
              aria-label={`Remove ${at + 1}`}
              title="Remove"
              onClick={() => onMarks(marks.filter((one) => one !== mark))}
            >
              ×
            </button>
          </li>
        ))}
      </ol>
      {marks.length > 0 && (
        <button type="button" onClick={save}>
          Save as GeoJSON
        </button>
      )}
      {stage &&
        createPortal(
          <MarkLayer
            key={tool}
            {...{ pyramid, camera, size, marks, tool }}
            onMark={(mark: Mark) => onMarks([...marks, mark])}
            onEnd={() => setTool(undefined)}
          />,
          stage,
        )}
    </div>
  );
}
