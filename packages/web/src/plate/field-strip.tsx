import type { OpenImage, OpenWell } from "@ozx/core";
import { useMemo } from "react";
import { createThumbnails, Thumbnail } from "./thumbnails.js";
import "./plate.css";

interface FieldStripProps {
  readonly well: OpenWell;
  readonly image: OpenImage;
  onField(image: OpenImage): void;
  onPlate(): void;
}

/** The fields of a well, and a button back to the plate. */
export function FieldStrip({ well, image, onField, onPlate }: FieldStripProps) {
  const thumbnails = useMemo(createThumbnails, []);
  return (
    <section className="fields" aria-labelledby="fields-title">
      <header>
        <h2 id="fields-title">
          Well {well.row}
          {well.column}
        </h2>
        <button type="button" onClick={onPlate}>
          ← All wells
        </button>
      </header>
      {well.images.length > 1 && (
        <ul>
          {well.images.map((field, at) => (
            <li key={field.path}>
              <button
                type="button"
                className="well"
                aria-label={`Field ${at + 1}`}
                aria-pressed={field.path === image.path}
                onClick={() => onField(field)}
              >
                <Thumbnail image={field} thumbnails={thumbnails} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
