import type { OpenImage, OpenWell } from "@ozx/core";
import { plural } from "@ozx/core/internal";
import { useMemo } from "react";
import type { ViewSettings } from "../image/model/view-settings.js";
import { ComparedImages, someImages } from "./compared-images.js";
import { fieldPositions } from "./field-positions.js";
import { Thumbnail } from "./thumbnails.js";
import { wellName } from "./well-filter.js";
import { useKeys, wellSteps } from "./well-keys.js";
import { WellSwitch } from "./well-switch.js";

interface WellMosaicProps {
  readonly wells: readonly OpenWell[];
  readonly well: OpenWell;
  readonly known: ViewSettings | undefined;
  onSettings(settings: ViewSettings): void;
  onField(image: OpenImage): void;
  onWell(well: OpenWell): void;
  onPlate(): void;
}

/** All fields of a well, where they were taken. */
export function WellMosaic({ wells, well, known, onSettings, onField, onWell, onPlate }: WellMosaicProps) {
  const { images: all } = well;
  const { fields, around, isKnown } = useMemo(() => fieldPositions(all), [all]);
  const images = useMemo(() => someImages(all), [all]);
  const { next, previous } = wellSteps(wells, well);
  const toWell = (other: OpenWell | undefined) => other && (() => onWell(other));
  useKeys({ w: toWell(next), W: toWell(previous) });
  if (images === undefined) return null;
  const [width, height] = [around.right - around.left, around.bottom - around.top];
  const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`;
  return (
    <ComparedImages
      title={`Well ${wellName(well)}`}
      text={`${plural(images.length, "field")}${isKnown ? "" : ", side by side: the metadata has no positions"}.`}
      tools={<WellSwitch onNext={toWell(next)} onPrevious={toWell(previous)} onPlate={onPlate} />}
      extent={512}
      {...{ images, known, onSettings }}
    >
      {(thumbnails) => (
        <div className="mosaic">
          <div style={{ aspectRatio: `${width} / ${height}`, "--aspect": width / height }}>
            {images.map((field, at) => {
              const { left = 0, top = 0, right = 1, bottom = 1 } = fields[at] ?? {};
              return (
                <button
                  key={field.path}
                  type="button"
                  className="well"
                  aria-label={`Field ${at + 1}`}
                  title={`Field ${at + 1}`}
                  style={{
                    left: percent(left - around.left, width),
                    top: percent(top - around.top, height),
                    width: percent(right - left, width),
                    height: percent(bottom - top, height),
                  }}
                  onClick={() => onField(field)}
                >
                  <Thumbnail image={field} thumbnails={thumbnails} />
                </button>
              );
            })}
          </div>
        </div>
      )}
    </ComparedImages>
  );
}
