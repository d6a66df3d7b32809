import type { OpenImage } from "@ozx/core";
import { keyName } from "@ozx/core/container";
import type { LabelSetting } from "../model/view-settings.js";
import "./label-panel.css";

interface LabelPanelProps {
  readonly labels: readonly OpenImage[];
  /** One for each label image. */
  readonly settings: readonly LabelSetting[];
  onChange(index: number, change: Partial<LabelSetting>): void;
}

/** The label images, of which any number is shown over the image, and the opacity of each. */
export function LabelPanel({ labels, settings, onChange }: LabelPanelProps) {
  if (labels.length === 0) return null;
  return (
    <section className="labels" aria-labelledby="labels-title">
      <h2 id="labels-title">Labels</h2>
      <ul>
        {settings.map(({ index, on, opacity }) => {
          const name = keyName(labels[index]?.path ?? "/");
          return (
            <li key={index} data-on={on}>
              <label>
                <input
                  type="checkbox"
                  checked={on}
                  onChange={({ target }) => onChange(index, { on: target.checked })}
                />
                <span>{name}</span>
              </label>
              {on && (
                <input
                  type="range"
                  aria-label={`${name}: opacity`}
                  title="Opacity"
                  min={0}
                  max={1}
                  step={0.01}
                  value={opacity}
                  onChange={({ target }) => onChange(index, { opacity: target.valueAsNumber })}
                />
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
