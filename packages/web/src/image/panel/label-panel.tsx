import type { OpenImage } from "@ozx/core";
import { keyName } from "@ozx/core/container";
import type { LabelSetting } from "../model/view-settings.js";

interface LabelPanelProps {
  readonly labels: readonly OpenImage[];
  readonly setting: LabelSetting;
  onChange(change: Partial<LabelSetting>): void;
}

/** A choice of the label image shown over the image, and its opacity. */
export function LabelPanel({ labels, setting: { index, opacity }, onChange }: LabelPanelProps) {
  if (labels.length === 0) return null;
  return (
    <section className="labels" aria-labelledby="labels-title">
      <header>
        <h2 id="labels-title">Labels</h2>
        <select
          aria-label="Label image"
          value={index ?? ""}
          onChange={({ target }) =>
            onChange({ index: target.value === "" ? undefined : Number(target.value) })
          }
        >
          <option value="">none</option>
          {labels.map(({ path }, at) => (
            <option key={path} value={at}>
              {keyName(path)}
            </option>
          ))}
        </select>
      </header>
      {index !== undefined && (
        <label className="gamma">
          Opacity
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={opacity}
            onChange={({ target }) => onChange({ opacity: target.valueAsNumber })}
          />
        </label>
      )}
    </section>
  );
}
