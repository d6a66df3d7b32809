import type { OpenImage } from "@ozx/core";
import {
  lazy,
  type PointerEvent,
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
import type { ViewState } from "../../share/view-state.js";
import { useChannelScans } from "../model/channel-scan.js";
import { largestLevel } from "../model/largest-level.js";
import { initialSettings, settingsReducer } from "../model/view-settings.js";
import { autoChange, ChannelList } from "../panel/channel-list.js";
import { LabelPanel } from "../panel/label-panel.js";
import { SliceSliders } from "../panel/slice-sliders.js";
import type { DrawnState, Stage } from "../stage/create-stage.js";
import { type Camera, type Size, sceneOf } from "../stage/scene.js";
import { placeImage } from "../tiles/image-plane.js";
import { castNote } from "../tiles/read-tile.js";
import { stepsNote, volumeLevel } from "../volume/volume-level.js";
import type { VolumeStage } from "../volume/volume-view.js";
import { Overview } from "./overview.js";
import { Readout, type ReadoutPoint } from "./readout.js";
import { drawScaleBar, ScaleBar, savePng } from "./scale-bar.js";
import { canDraw, NoDrawing, StageCanvas } from "./stage-canvas.js";
import { useFailure } from "./use-failure.js";
import { keyHandler, panned, ViewTools } from "./view-tools.js";
import "./image-view.css";

const VolumeView = lazy(async () => ({ default: (await import("../volume/volume-view.js")).VolumeView }));

interface ImageViewProps {
  readonly image: OpenImage;
  /** The name for a saved picture. */
  readonly name: string;
  /** The top of the side panel, such as a choice between several images. */
  readonly children?: ReactNode;
  /** Settings and camera from the page's address. */
  readonly initial?: Partial<ViewOfImage> | undefined;
  /** Called a moment after a change. */
  onState(view: ViewOfImage): void;
  /** Called at every change. */
  onView(view: ViewOfImage): void;
}

type ViewOfImage = Omit<ViewState, "image">;

/** One image: the picture, and beside it the panel with its settings. */
export function ImageView({ image, name, children, initial, onState, onView }: ImageViewProps) {
  const pyramid = useMemo(() => placeImage(image), [image]);
  const [settings, dispatch] = useReducer(
    settingsReducer,
    initial?.settings,
    (restored) => restored ?? initialSettings(image),
  );
  const [camera, setCamera] = useState<{ camera: Camera; size: Size }>();
  const [drawn, setDrawn] = useState<DrawnState>("empty");
  const { error, attempt, setError, retry } = useFailure(settings.slice);
  const found = useMemo(() => volumeLevel(pyramid), [pyramid]);
  const volume = found === undefined || "reason" in found ? undefined : found;
  const [isVolume, setIsVolume] = useState(initial?.isVolume === true && volume !== undefined);
  const stage = useRef<Stage>(undefined);
  const volumeStage = useRef<VolumeStage>(undefined);
  const [point, setPoint] = useState<ReadoutPoint>();
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const fitted = useRef(initial?.camera === undefined);

  const scans = useChannelScans(pyramid, {
    slice: settings.slice,
    channels: settings.channels.filter(({ on }) => on).map(({ index }) => index),
    attempt,
    onError: setError,
  });
  const integers = /int|bool/.test(largestLevel(image).dtype);

  // A channel without a window gets one from its pixels, once.
  useEffect(() => {
    for (const channel of settings.channels) {
      const scan = scans.get(channel.index);
      if (channel.on && channel.window === undefined && scan !== undefined) {
        dispatch({ type: "channel", index: channel.index, change: autoChange(scan, channel) });
      }
    }
  }, [settings.channels, scans]);

  const hasFailed = error !== undefined;
  const scene = useMemo(() => {
    const whole = sceneOf(pyramid, settings);
    // A channel that cannot be read is not waited for.
    return { ...whole, isPending: whole.isPending && !hasFailed };
  }, [pyramid, settings, hasFailed]);
  useEffect(() => stage.current?.look(initial?.camera), [initial?.camera]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt must read again
  useEffect(() => stage.current?.retry(), [attempt]);
  useEffect(() => {
    const view = { settings, camera: fitted.current ? undefined : camera?.camera, isVolume };
    onView(view);
    const timer = setTimeout(() => onState(view), 250);
    return () => clearTimeout(timer);
  }, [settings, camera, isVolume, onState, onView]);

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
    if (position >= 0 && position < (largestLevel(image).shape[at] ?? 0))
      dispatch({ type: "slice", axis, position });
  };
  const save = async (): Promise<void> => {
    const canvas = await (isVolume ? volumeStage : stage).current?.capture();
    if (canvas === undefined) return;
    // In a volume, the size of a length on the screen depends on its distance.
    if (!isVolume && camera !== undefined) drawScaleBar(canvas, image, camera.camera.zoom);
    await savePng(canvas, name);
  };
  const onKeyDown = keyHandler({
    pan: (x, y) => change((from) => panned(from, x, y)),
    zoom: zoomBy,
    fit: () => look(undefined),
    actualSize,
    step,
    read: () => {
      if (isVolume || point?.isPinned) setPoint(undefined);
      else if (camera !== undefined) setPoint({ x: camera.camera.x, y: camera.camera.y, isPinned: true });
    },
  });
  const pointAt = (event: PointerEvent<HTMLElement>): { x: number; y: number } | undefined => {
    // Buttons and the overview lie over the picture, and a point of a volume is at no position of a plane.
    const isOnPicture = event.target instanceof Element && event.target.closest(".stage-canvas") !== null;
    if (camera === undefined || isVolume || !isOnPicture) return undefined;
    const box = event.currentTarget.getBoundingClientRect();
    const [right, down] = [event.clientX - box.left, event.clientY - box.top];
    return panned(camera.camera, right - camera.size.width / 2, down - camera.size.height / 2);
  };
  // A press that does not move is a click, which pins the point or lets it go.
  const pin = (event: PointerEvent<HTMLElement>): void => {
    const { x = 0, y = 0 } = pressed.current ?? {};
    const at = pointAt(event);
    if (at === undefined || Math.hypot(event.clientX - x, event.clientY - y) > 4) return;
    setPoint({ x: at.x, y: at.y, isPinned: point?.isPinned !== true });
  };
  const notes = [
    castNote(largestLevel(image).dtype),
    found !== undefined && "reason" in found ? found.reason : undefined,
    isVolume && volume !== undefined ? stepsNote(volume) : undefined,
  ].filter((note) => note !== undefined);

  return (
    <div className="image-view">
      <section
        className="stage"
        aria-label="Picture. Arrow keys pan, plus and minus zoom, 0 fits it to the window, page up and page down change z, Enter reads the values in its middle."
        data-complete={drawn === "complete"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move the picture
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={({ clientX, clientY }) => {
          fitted.current = false;
          pressed.current = { x: clientX, y: clientY };
        }}
        onPointerUp={pin}
        onPointerMove={(event) => {
          if (point?.isPinned) return;
          const at = pointAt(event);
          setPoint(at && { x: at.x, y: at.y, isPinned: false });
        }}
        onPointerLeave={() => {
          if (point?.isPinned === false) setPoint(undefined);
        }}
        onWheel={() => {
          fitted.current = false;
        }}
      >
        {!canDraw() ? (
          <NoDrawing />
        ) : isVolume && volume !== undefined ? (
          <Suspense>
            <VolumeView
              key={attempt}
              {...{ scene, volume }}
              stage={volumeStage}
              onDrawn={setDrawn}
              onError={setError}
            />
          </Suspense>
        ) : (
          <>
            <StageCanvas
              scene={scene}
              stage={stage}
              onCamera={(next, size) => setCamera({ camera: next, size })}
              onDrawn={setDrawn}
              onError={setError}
            />
            {drawn === "empty" && !hasFailed && (
              <p className="stage-waiting" role="status">
                Reading the image …
              </p>
            )}
            {point !== undefined && (
              <Readout
                {...{ pyramid, point }}
                sample={stage.current?.sample(point)}
                channels={settings.channels.filter(({ on, window }) => on && window !== undefined)}
                labels={settings.label.index === undefined ? undefined : image.labels[settings.label.index]}
              />
            )}
            {camera !== undefined && (
              <>
                <ScaleBar image={image} zoom={camera.camera.zoom} />
                <Overview
                  {...{ pyramid, scans, ...camera }}
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
            onVolume={volume === undefined ? undefined : () => setIsVolume(!isVolume)}
            isVolume={isVolume}
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
          isVolume={isVolume}
          onSlice={(axis, position) => dispatch({ type: "slice", axis, position })}
        />
        <ChannelList channels={settings.channels} scans={scans} integers={integers} dispatch={dispatch} />
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
