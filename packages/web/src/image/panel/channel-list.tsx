import { type Dispatch, useState } from "react";
import type { ChannelScan } from "../model/channel-scan.js";
import { COLOR_RAMPS, colorRamp } from "../model/color-ramps.js";
import { type ChannelSetting, MAX_CHANNELS, type SettingsAction } from "../model/view-settings.js";
import { WindowSlider } from "./window-slider.js";
import "./channel-list.css";

interface ChannelListProps {
  readonly channels: readonly ChannelSetting[];
  readonly scans: ReadonlyMap<number, ChannelScan>;
  readonly integers: boolean;
  readonly dispatch: Dispatch<SettingsAction>;
}

/** All channels, with the controls of those that are on. `integers` tells whether the pixels are integers. */
export function ChannelList({ channels, scans, integers, dispatch }: ChannelListProps) {
  const on = channels.filter((channel) => channel.on).length;
  const auto = (): void => {
    for (const channel of channels) {
      const scan = scans.get(channel.index);
      if (channel.on && scan)
        dispatch({ type: "channel", index: channel.index, change: autoChange(scan, channel) });
    }
  };
  return (
    <section className="channels" aria-labelledby="channels-title">
      <header>
        <h2 id="channels-title">Channels</h2>
        <button
          type="button"
          onClick={auto}
          title="Set the contrast of the channels that are on from the pixels of this plane, at its lowest resolution"
        >
          Auto contrast
        </button>
      </header>
      {channels.length > MAX_CHANNELS && (
        <p className="hint">
          {on} of {channels.length} on; {MAX_CHANNELS} can be shown at once.
        </p>
      )}
      <ul>
        {channels.map((channel) => (
          <ChannelRow
            key={channel.index}
            channel={channel}
            scan={scans.get(channel.index)}
            integers={integers}
            mayTurnOn={on < MAX_CHANNELS}
            onChange={(change) => dispatch({ type: "channel", index: channel.index, change })}
          />
        ))}
      </ul>
    </section>
  );
}

/** The contrast window computed from the pixels, and a range that includes it. */
export function autoChange({ window }: ChannelScan, channel: ChannelSetting): Partial<ChannelSetting> {
  const { start, end, min, max } = window;
  const range = channel.range ?? { min, max };
  return {
    window: { start, end },
    range: { min: Math.min(range.min, min), max: Math.max(range.max, max) },
  };
}

function formatPart(part: number): string {
  return part < 0.01 ? "Less than 1 %" : `${Math.floor(part * 100)} %`;
}

interface ChannelRowProps {
  readonly channel: ChannelSetting;
  readonly scan: ChannelScan | undefined;
  readonly integers: boolean;
  readonly mayTurnOn: boolean;
  onChange(change: Partial<ChannelSetting>): void;
}

/** One channel: on or off, its colour, its window and gamma. */
function ChannelRow({ channel, scan, integers, mayTurnOn, onChange }: ChannelRowProps) {
  const { label, on, color, ramp, window, range, gamma } = channel;
  const [showsMore, setShowsMore] = useState(gamma !== 1 || ramp !== undefined);
  const gradient = colorRamp(ramp)?.colors.map((one) => `rgb(${one.map(Math.round).join(" ")})`);
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
            title="Gamma, the brightness of dim pixels, and colour maps"
            aria-expanded={showsMore}
            onClick={() => setShowsMore(!showsMore)}
          >
            γ {gamma.toFixed(2)}
          </button>
        )}
      </div>
      {on && window !== undefined && range !== undefined && (
        <WindowSlider
          {...{ label, color, window, range, scan, integers }}
          onWindow={(next) => onChange({ window: next })}
        />
      )}
      {on && scan !== undefined && scan.nan > 0 && (
        <p className="hint">{formatPart(scan.nan)} of the pixels are NaN, which is drawn black.</p>
      )}
      {on && showsMore && (
        <label className="gamma">
          Colours
          <select
            aria-label={`${label}: colours`}
            value={ramp ?? ""}
            onChange={({ target }) => onChange({ ramp: target.value || undefined })}
          >
            <option value="">Black to the colour</option>
            {COLOR_RAMPS.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
          {gradient !== undefined && (
            <i className="ramp" style={{ background: `linear-gradient(to right, ${gradient.join(", ")})` }} />
          )}
        </label>
      )}
      {on && showsMore && (
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
