import { isOzxError, type OpenImage, type OpenNode } from "@ozx/core";
import { keyName } from "@ozx/core/container";
import { useCallback, useMemo, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import { FieldStrip } from "../plate/field-strip.js";
import { PlateGrid } from "../plate/plate-grid.js";
import { ShareLinks } from "../share/share-links.js";
import { formatViewState, imageOfHash, parseViewState } from "../share/view-state.js";
import type { ViewSettings } from "./model/view-settings.js";
import type { Camera } from "./stage/scene.js";
import { ImageView } from "./view/image-view.js";

/** The wells of a plate, or one of the images. */
export function ImageTab({ opened }: { opened: OpenedSource }) {
  const { node, name } = opened;
  const [path, setPath] = useState(() => imageOfHash(location.hash, name));
  const image = node.images.find((one) => one.path === path);
  const show = useCallback((next: OpenImage | undefined) => {
    if (next === undefined) replaceHash("");
    setPath(next?.path);
  }, []);

  if (image === undefined && node.model.kind === "plate" && node.images.length > 0) {
    return <PlateGrid node={node} model={node.model} onWell={(well) => show(well.images[0])} />;
  }
  const shown = image ?? node.images[0];
  if (shown === undefined) return <NoImage node={node} />;
  return <OneImage key={shown.path} opened={opened} image={shown} onImage={show} />;
}

interface OneImageProps {
  readonly opened: OpenedSource;
  readonly image: OpenImage;
  /** Shows another image; undefined shows the plate. */
  onImage(image: OpenImage | undefined): void;
}

function OneImage({ opened, image, onImage }: OneImageProps) {
  const { node, name } = opened;
  const initial = useMemo(() => parseViewState(location.hash, name, image), [name, image]);
  const remember = useCallback(
    (settings: ViewSettings, camera: Camera | undefined) => {
      replaceHash(formatViewState(name, { image: image.path, settings, camera }));
    },
    [name, image],
  );
  const well = node.wells.find(({ images }) => images.some(({ path }) => path === image.path));
  const siblings = well === undefined ? node.images : [];
  return (
    <ImageView image={image} name={name} initial={initial} onState={remember}>
      {well !== undefined && (
        <FieldStrip well={well} image={image} onField={onImage} onPlate={() => onImage(undefined)} />
      )}
      <SeriesList
        images={siblings}
        index={siblings.indexOf(image)}
        onIndex={(index) => onImage(siblings[index])}
      />
      <ShareLinks opened={opened} image={image} />
      {node.store.findings.map(({ rule, message, help }) => (
        <p key={rule} className="hint" role="note">
          {message} {help}
        </p>
      ))}
    </ImageView>
  );
}

/** Keeps the view in the address, without an entry in the browser's history for every small change. */
function replaceHash(hash: string): void {
  const page = new URL(location.href);
  page.hash = hash;
  history.replaceState(null, "", page);
}

interface SeriesListProps {
  readonly images: readonly OpenImage[];
  readonly index: number;
  onIndex(index: number): void;
}

/** A choice between several images, such as the series of a bioformats2raw collection. */
function SeriesList({ images, index, onIndex }: SeriesListProps) {
  if (images.length < 2) return null;
  return (
    <section aria-labelledby="series-title">
      <header>
        <h2 id="series-title">Image</h2>
        <select aria-label="Image" value={index} onChange={({ target }) => onIndex(Number(target.value))}>
          {images.map((image, at) => (
            <option key={image.path} value={at}>
              {titleOf(image, at)}
            </option>
          ))}
        </select>
      </header>
    </section>
  );
}

/** The path of an image, and its name where that differs. */
function titleOf(image: OpenImage, at: number): string {
  const path = keyName(image.path) || String(at);
  try {
    return image.name === undefined || image.name === path ? path : `${path}: ${image.name}`;
  } catch (error) {
    if (isOzxError(error)) return `${path} (cannot be read)`;
    throw error;
  }
}

/** Shown in place of the picture where the source has no image. */
function NoImage({ node }: { node: OpenNode }) {
  const description =
    node.kind === "array" ? "a single Zarr array without OME-Zarr metadata" : `a ${node.kind} without images`;
  return (
    <div className="welcome">
      <h1>No image to show</h1>
      <p>This is {description}. The other sections show its contents.</p>
    </div>
  );
}
