import { type Dispatch, useEffect } from "react";
import { autoChange } from "../panel/channel-list.js";
import type { ChannelScan } from "./channel-scan.js";
import type { ChannelSetting, SettingsAction } from "./view-settings.js";

/** Gives each channel without a window one from its pixels, once. */
export function useAutoWindows(
  channels: readonly ChannelSetting[],
  scans: ReadonlyMap<number, ChannelScan>,
  dispatch: Dispatch<SettingsAction>,
): void {
  useEffect(() => {
    for (const channel of channels) {
      const scan = scans.get(channel.index);
      if (channel.on && channel.window === undefined && scan !== undefined) {
        dispatch({ type: "channel", index: channel.index, change: autoChange(scan, channel) });
      }
    }
  }, [channels, scans, dispatch]);
}
