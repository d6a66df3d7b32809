import type { OpenImage } from "@ozx/core";
import { scaleBarOf } from "../model/scale-bar.js";

export function ScaleBar({ image, zoom }: { image: OpenImage; zoom: number }) {
  const { width, text } = scaleBarOf(image, zoom, 140);
  return (
    <div className="scale-bar" role="img" aria-label={`Scale: the bar is ${text} long`}>
      <span>{text}</span>
      <i style={{ width }} />
    </div>
  );
}
