import type { OpenImage } from "@ozx/core";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { BesideOffer } from "../beside/beside-offer.js";
import { PicturePair } from "../beside/picture-pair.js";
import type { BesideControl } from "../beside/use-beside.js";
import { usePair } from "../beside/use-pair.js";
import { hashWithTab, imageOfHash, pushHash, replaceHash, useArrivals } from "../open/page-address.js";
import type { OpenedSource } from "../open/source-input.js";
import { ShareLinks } from "../share/share-links.js";
import { formatViewState, parseViewState, type ViewState } from "../share/view-state.js";
import type { ViewSettings } from "./model/view-settings.js";
import { NoImage, SeriesList } from "./series-list.js";
import { ImageView } from "./view/image-view.js";
import type { BesideProps } from "./view/use-coupled.js";

export { loadPainter } from "./stage/create-stage.js";

const PlateGrid = lazy(async () => ({ default: (await import("../plate/plate-grid.js")).PlateGrid }));
const WellMosaic = lazy(async () => ({ default: (await import("../plate/well-mosaic.js")).WellMosaic }));
const FieldStrip = lazy(async () => ({ default: (await import("../plate/field-strip.js")).FieldStrip }));

/** The wells of a plate, the fields of one of them, or one of the images. */
export function ImageTab({ opened, beside }: { opened: OpenedSource; beside: BesideControl }) {
  const { node, name } = opened;
  const arrivals = useArrivals();
  const [at, setAt] = useState(() => ({ arrivals, path: imageOfHash(location.hash, name) }));
  // While rendering: an image must not be shown with the settings of another one's address.
  if (at.arrivals !== arrivals) setAt({ arrivals, path: imageOfHash(location.hash, name) });
  const image = node.images.find((one) => one.path === at.path);
  const last = useRef<ViewState>(undefined);
  const keep = useCallback((view: ViewState) => {
    last.current = view;
  }, []);

  const keepSettings = useCallback((settings: ViewSettings) => {
    last.current = { image: "", settings, camera: undefined };
  }, []);

  const pair = usePair(beside, name);
  const isPlate = node.model.kind === "plate" && node.images.length > 0;
  const shown = image ?? (isPlate ? undefined : node.images[0]);

  const show = (next: { readonly path: string } | undefined): void => {
    // The wells of a plate are there to be compared, so they are shown alike.
    const { settings, shownAs } = (isPlate ? last.current : undefined) ?? {};
    const view = next && formatViewState(name, { image: next.path, settings, camera: undefined, shownAs });
    // Where Back comes back to.
    if (shown !== undefined && last.current?.image === shown.path) {
      replaceHash(beside.address(formatViewState(name, last.current)));
    }
    pushHash(beside.address(view ?? hashWithTab("", name, undefined)));
    setAt({ arrivals, path: next?.path });
  };

  const all = { known: last.current?.settings, onSettings: keepSettings };
  const well = shown === undefined ? node.wells.find(({ path }) => path === at.path) : undefined;
  if (well !== undefined) {
    return (
      <WellMosaic
        key={well.path}
        {...{ wells: node.wells, well, ...all }}
        onField={show}
        onWell={show}
        onPlate={() => show(undefined)}
      />
    );
  }
  if (shown === undefined && node.model.kind === "plate" && isPlate) {
    return <PlateGrid {...{ node, model: node.model, ...all }} onWell={({ images }) => show(images[0])} />;
  }
  if (shown === undefined) return <NoImage node={node} />;
  return (
    <PicturePair {...{ opened, beside, pair }}>
      <OneImage
        key={`${arrivals} ${shown.path}`}
        {...{ opened, image: shown, beside }}
        place={pair.first}
        onImage={show}
        onView={keep}
      />
    </PicturePair>
  );
}

interface OneImageProps {
  readonly opened: OpenedSource;
  readonly image: OpenImage;
  readonly beside: BesideControl;
  readonly place: BesideProps;
  /** Shows another image, or all fields of a well; undefined shows the plate. */
  onImage(image: { readonly path: string } | undefined): void;
  /** Called at every change of the view. */
  onView(view: ViewState): void;
}

function OneImage({ opened, image, beside, place, onImage, onView }: OneImageProps) {
  const { node, name } = opened;
  const initial = useMemo(() => parseViewState(location.hash, name, image), [name, image]);
  const remember = useCallback(
    (view: Omit<ViewState, "image">) =>
      replaceHash(beside.address(formatViewState(name, { image: image.path, ...view }))),
    [name, image, beside],
  );
  const keep = useCallback(
    (view: Omit<ViewState, "image">) => onView({ image: image.path, ...view }),
    [image, onView],
  );
  const well = node.wells.find(({ images }) => images.some(({ path }) => path === image.path));
  const siblings = well === undefined ? node.images : [];
  return (
    <ImageView
      image={image}
      opened={opened}
      initial={initial}
      beside={place}
      onState={remember}
      onView={keep}
    >
      {well !== undefined && (
        <Suspense>
          <FieldStrip
            {...{ wells: node.wells, well, image, settings: initial.settings }}
            onField={onImage}
            onMosaic={onImage}
            onPlate={() => onImage(undefined)}
          />
        </Suspense>
      )}
      <SeriesList
        images={siblings}
        index={siblings.indexOf(image)}
        onIndex={(index) => onImage(siblings[index])}
      />
      {node.kind === "array" && (
        <p className="hint" role="note">
          This is a Zarr array without OME-Zarr metadata: it has no channels, units or smaller levels.
        </p>
      )}
      <ShareLinks opened={opened} image={image} />
      {beside.input === undefined && <BesideOffer {...{ opened, image, beside }} />}
      {node.store.findings.map(({ rule, message, help }) => (
        <p key={rule} className="hint" role="note">
          {message} {help}
        </p>
      ))}
    </ImageView>
  );
}
