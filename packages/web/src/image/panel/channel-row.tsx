import { useState } from "react";
import type { ChannelSetting } from "../model/settings.js";
import type { Survey } from "../model/survey.js";
import { WindowSlider } from "./window-slider.js";

interface ChannelRowProps {
  readonly channel: ChannelSetting;
  readonly survey: Survey | undefined;
  readonly integers: boolean;
  readonly mayTurnOn: boolean;
  onChange(change: Partial<ChannelSetting>): void;
}

/** One channel: on or off, its colour, its window and gamma. */
export function ChannelRow({ channel, survey, integers, mayTurnOn, onChange }: ChannelRowProps) {
  const { label, on, color, window, range, gamma } = channel;
  const [more, setMore] = useState(gamma !== 1);
  return (
    <li className="channel" data-on={on}>
      <div className="channel-head">
        <input
          type="color"
          value={`#${color}`}
          aria-label={`${label}: colour`}
          onChange={({ target }) => onChange({ color: target.value.slice(1).toUpperCase() })}
        />
        <label>
          <input
            type="checkbox"
            checked={on}
            disabled={!on && !mayTurnOn}
            onChange={({ target }) => onChange({ on: target.checked })}
          />
          <span>{label}</span>
        </label>
        {on && (
          <button
            type="button"
            className="quiet"
            title="Gamma: how bright what is dim is shown"
            aria-expanded={more}
            onClick={() => setMore(!more)}
          >
            γ {gamma.toFixed(2)}
          </button>
        )}
      </div>
      {on && window !== undefined && range !== undefined && (
        <WindowSlider
          {...{ label, color, window, range, survey, integers }}
          onWindow={(next) => onChange({ window: next })}
        />
      )}
      {on && more && (
        <label className="gamma">
          Gamma
          <input
            type="range"
            min={-1}
            max={1}
            step={0.01}
            value={Math.log2(gamma) / 2}
            aria-label={`${label}: gamma`}
            aria-valuetext={gamma.toFixed(2)}
            onChange={({ target }) => onChange({ gamma: 2 ** (2 * target.valueAsNumber) })}
            onDoubleClick={() => onChange({ gamma: 1 })}
          />
        </label>
      )}
    </li>
  );
}
