import type { OpenImage } from "@ozx/core";
import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import { explainError } from "../../open/explain-error.js";
import { useChannelScans } from "../model/channel-scan.js";
import { initialSettings, settingsReducer, type ViewSettings } from "../model/view-settings.js";
import { autoChange, ChannelList } from "../panel/channel-list.js";
import { LabelPanel } from "../panel/label-panel.js";
import { SliceSliders } from "../panel/slice-sliders.js";
import type { Stage } from "../stage/create-stage.js";
import type { Camera, Size } from "../stage/scene.js";
import { sceneOf } from "../stage/scene.js";
import { placeImage } from "../tiles/image-plane.js";
import { castNote } from "../tiles/read-tile.js";
import { volumeLevel } from "../volume/read-volume.js";
import type { VolumeStage } from "../volume/volume-view.js";
import { Overview } from "./overview.js";
import { drawScaleBar, ScaleBar, savePng } from "./scale-bar.js";
import { canDraw, NoDrawing, StageCanvas } from "./stage-canvas.js";
import { useFailure } from "./use-failure.js";
import { keyHandler, panned, ViewTools } from "./view-tools.js";
import "./image-view.css";

const VolumeView = lazy(async () => ({ default: (await import("../volume/volume-view.js")).VolumeView }));

interface ImageViewProps {
  readonly image: OpenImage;
  /** For the picture that is saved. */
  readonly name: string;
  /** What the panel begins with: which image it is, where there are several. */
  readonly children?: ReactNode;
  readonly initial?:
    | { readonly settings?: ViewSettings | undefined; readonly camera?: Camera | undefined }
    | undefined;
  onState?(settings: ViewSettings, camera: Camera | undefined): void;
}

/** One image: the picture, and beside it how it is shown. */
export function ImageView({ image, name, children, initial, onState }: ImageViewProps) {
  const pyramid = useMemo(() => placeImage(image), [image]);
  const [settings, dispatch] = useReducer(
    settingsReducer,
    initial?.settings,
    (given) => given ?? initialSettings(image),
  );
  const [camera, setCamera] = useState<{ camera: Camera; size: Size }>();
  const [complete, setComplete] = useState(false);
  const { error, attempt, setError, retry } = useFailure(settings.slice);
  const volume = useMemo(() => volumeLevel(pyramid), [pyramid]);
  const [deep, setDeep] = useState(false);
  const stage = useRef<Stage>(undefined);
  const volumeStage = useRef<VolumeStage>(undefined);
  const fitted = useRef(initial?.camera === undefined);

  const onKeys = settings.channels.filter(({ on }) => on).map(({ index }) => index);
  const surveys = useChannelScans(pyramid, settings.slice, onKeys, attempt, setError);
  const integers = /int|bool/.test(image.level(0).dtype);

  // A channel without a window of its own gets one from its pixels, once.
  useEffect(() => {
    for (const channel of settings.channels) {
      const survey = surveys.get(channel.index);
      if (channel.on && channel.window === undefined && survey !== undefined) {
        dispatch({ type: "channel", index: channel.index, change: autoChange(survey, channel) });
      }
    }
  }, [settings.channels, surveys]);

  const scene = useMemo(() => sceneOf(pyramid, settings), [pyramid, settings]);
  useEffect(() => stage.current?.look(initial?.camera), [initial?.camera]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a reason to read again
  useEffect(() => stage.current?.retry(), [attempt]);
  useEffect(() => {
    const timer = setTimeout(() => onState?.(settings, fitted.current ? undefined : camera?.camera), 250);
    return () => clearTimeout(timer);
  }, [settings, camera, onState]);

  const look = useCallback((next: Camera | undefined) => {
    fitted.current = next === undefined;
    stage.current?.look(next);
  }, []);
  const change = (to: (camera: Camera) => Camera): void => {
    if (camera !== undefined) look(to(camera.camera));
  };
  const zoomBy = (steps: number): void => change((from) => ({ ...from, zoom: from.zoom + steps / 2 }));
  const actualSize = (): void => change((from) => ({ ...from, zoom: -Math.log2(devicePixelRatio) }));
  const step = (axis: string, by: number): void => {
    const at = image.axes.findIndex((one) => one.name === axis);
    const position = (settings.slice[axis] ?? 0) + by;
    if (position >= 0 && position < (image.level(0).shape[at] ?? 0))
      dispatch({ type: "slice", axis, position });
  };
  const save = async (): Promise<void> => {
    const canvas = await (deep ? volumeStage : stage).current?.capture();
    if (canvas === undefined) return;
    // In a volume a length depends on how far away it is.
    if (!deep && camera !== undefined) drawScaleBar(canvas, image, camera.camera.zoom);
    await savePng(canvas, name);
  };
  const onKeyDown = keyHandler({
    pan: (x, y) => change((from) => panned(from, x, y)),
    zoom: zoomBy,
    fit: () => look(undefined),
    actualSize,
    step,
  });
  const notes = [castNote(image.level(0).dtype)].filter((note) => note !== undefined);

  return (
    <div className="image-view">
      <section
        className="stage"
        aria-label="Picture. Arrow keys move it, plus and minus zoom, 0 shows all, page up and down change z."
        data-complete={complete}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move the picture
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={() => {
          fitted.current = false;
        }}
        onWheel={() => {
          fitted.current = false;
        }}
      >
        {!canDraw() ? (
          <NoDrawing />
        ) : deep && volume !== undefined ? (
          <Suspense>
            <VolumeView key={attempt} {...{ scene, volume }} stage={volumeStage} onError={setError} />
          </Suspense>
        ) : (
          <>
            <StageCanvas
              scene={scene}
              stage={stage}
              onCamera={(next, size) => setCamera({ camera: next, size })}
              onDrawn={setComplete}
              onError={setError}
            />
            {camera !== undefined && (
              <>
                <ScaleBar image={image} zoom={camera.camera.zoom} />
                <Overview
                  {...{ pyramid, scans: surveys, ...camera }}
                  channels={settings.channels}
                  onLook={(x, y) => change((from) => ({ ...from, x, y }))}
                />
              </>
            )}
          </>
        )}
        {canDraw() && (
          <ViewTools
            onZoom={zoomBy}
            onFit={() => look(undefined)}
            onActualSize={actualSize}
            onSave={() => void save().catch(setError)}
            onVolume={volume === undefined ? undefined : () => setDeep(!deep)}
            deep={deep}
          />
        )}
        {error !== undefined && (
          <div className="stage-error">
            <p role="alert">{explainError(error).message}</p>
            <button type="button" onClick={retry}>
              Try again
            </button>
          </div>
        )}
      </section>
      <aside className="panel" aria-label="How the image is shown">
        {children}
        <SliceSliders
          image={image}
          slice={settings.slice}
          deep={deep}
          onSlice={(axis, position) => dispatch({ type: "slice", axis, position })}
        />
        <ChannelList channels={settings.channels} scans={surveys} integers={integers} dispatch={dispatch} />
        <LabelPanel
          labels={image.labels}
          setting={settings.label}
          onChange={(next) => dispatch({ type: "label", change: next })}
        />
        {notes.map((note) => (
          <p key={note} className="hint">
            {note}
          </p>
        ))}
      </aside>
    </div>
  );
}
