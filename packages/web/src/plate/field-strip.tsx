import type { OpenImage, OpenWell } from "@ozx/core";
import { useMemo } from "react";
import type { ViewSettings } from "../image/model/view-settings.js";
import { useSharedChannels } from "./shared-channels.js";
import { createThumbnails, Thumbnail } from "./thumbnails.js";
import { wellName } from "./well-filter.js";
import { sameField, useKeys, wellSteps } from "./well-keys.js";
import { WellSwitch } from "./well-switch.js";
import "./plate.css";

interface FieldStripProps {
  readonly wells: readonly OpenWell[];
  readonly well: OpenWell;
  readonly image: OpenImage;
  /** How the image was shown at first. */
  readonly settings: ViewSettings | undefined;
  onField(image: OpenImage): void;
  onMosaic(well: OpenWell): void;
  onPlate(): void;
}

/** The fields of a well, and the ways to other wells, to all fields together and back to the plate. */
export function FieldStrip({ wells, well, image, settings, onField, onMosaic, onPlate }: FieldStripProps) {
  const at = well.images.findIndex(({ path }) => path === image.path);
  const { next, previous } = wellSteps(wells, well);
  const toField = (field: OpenImage | undefined) => field && (() => onField(field));
  useKeys({
    w: toField(next && sameField(next, at)),
    W: toField(previous && sameField(previous, at)),
    f: toField(well.images[at + 1]),
    F: toField(well.images[at - 1]),
  });
  return (
    <section className="fields" aria-labelledby="fields-title">
      <header>
        <h2 id="fields-title">Well {wellName(well)}</h2>
        <WellSwitch
          onNext={toField(next && sameField(next, at))}
          onPrevious={toField(previous && sameField(previous, at))}
          onPlate={onPlate}
        />
      </header>
      {well.images.length > 1 && (
        <>
          <Fields {...{ well, image, settings, onField }} />
          <button type="button" className="mosaic-button" onClick={() => onMosaic(well)}>
            All fields together
          </button>
        </>
      )}
    </section>
  );
}

function Fields({
  well: { images },
  image,
  settings,
  onField,
}: Pick<FieldStripProps, "well" | "image" | "settings" | "onField">) {
  const thumbnails = useMemo(() => createThumbnails(), []);
  const ordered = useMemo(
    () => [image, ...images.filter(({ path }) => path !== image.path)] as const,
    [image, images],
  );
  useSharedChannels(ordered, thumbnails, settings);
  return (
    <ul>
      {images.map((field, at) => (
        <li key={field.path}>
          <button
            type="button"
            className="well"
            aria-label={`Field ${at + 1}`}
            aria-pressed={field.path === image.path}
            title="Field (F for the next, Shift F for the one before)"
            onClick={() => onField(field)}
          >
            <Thumbnail image={field} thumbnails={thumbnails} />
          </button>
        </li>
      ))}
    </ul>
  );
}
