import type { Dispatch } from "react";
import { type ChannelSetting, MOST_CHANNELS, type SettingsAction } from "../model/settings.js";
import type { Survey } from "../model/survey.js";
import { ChannelRow } from "./channel-row.js";
import "./channel-list.css";

interface ChannelListProps {
  readonly channels: readonly ChannelSetting[];
  readonly surveys: ReadonlyMap<number, Survey>;
  readonly integers: boolean;
  readonly dispatch: Dispatch<SettingsAction>;
}

/** Every channel, with what there is to set of those that are on. */
export function ChannelList({ channels, surveys, integers, dispatch }: ChannelListProps) {
  const on = channels.filter((channel) => channel.on).length;
  const auto = (): void => {
    for (const channel of channels) {
      const survey = surveys.get(channel.index);
      if (channel.on && survey)
        dispatch({ type: "channel", index: channel.index, change: autoChange(survey, channel) });
    }
  };
  return (
    <section className="channels" aria-labelledby="channels-title">
      <header>
        <h2 id="channels-title">Channels</h2>
        <button type="button" onClick={auto} title="Set the windows by what is on the screen">
          Auto contrast
        </button>
      </header>
      {channels.length > MOST_CHANNELS && (
        <p className="hint">
          {on} of {channels.length} on; {MOST_CHANNELS} can be shown at once.
        </p>
      )}
      <ul>
        {channels.map((channel) => (
          <ChannelRow
            key={channel.index}
            channel={channel}
            survey={surveys.get(channel.index)}
            integers={integers}
            mayTurnOn={on < MOST_CHANNELS}
            onChange={(change) => dispatch({ type: "channel", index: channel.index, change })}
          />
        ))}
      </ul>
    </section>
  );
}

/** What the pixels themselves ask for. */
export function autoChange({ window }: Survey, channel: ChannelSetting): Partial<ChannelSetting> {
  const { start, end, min, max } = window;
  const range = channel.range ?? { min, max };
  return {
    window: { start, end },
    range: { min: Math.min(range.min, min), max: Math.max(range.max, max) },
  };
}
