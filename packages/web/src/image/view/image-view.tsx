import type { OpenImage } from "@ozx/core";
import {
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
import type { OpenedSource } from "../../open/source-input.js";
import type { ViewState } from "../../share/view-state.js";
import { useChannelScans } from "../model/channel-scan.js";
import { largestLevel, sizeAlong } from "../model/largest-level.js";
import type { Orbit } from "../model/shown-as.js";
import { useAutoWindows } from "../model/use-auto-windows.js";
import { initialSettings, settingsReducer } from "../model/view-settings.js";
import { ChannelList } from "../panel/channel-list.js";
import { LabelPanel } from "../panel/label-panel.js";
import { SliceSliders } from "../panel/slice-sliders.js";
import { usePlay } from "../play/use-play.js";
import type { SidesStage } from "../sides/sides-view.js";
import type { DrawnState, Stage } from "../stage/create-stage.js";
import { type Camera, panned, type Size, sceneOf } from "../stage/scene.js";
import { placeImage } from "../tiles/image-plane.js";
import type { VolumeStage } from "../volume/create-volume.js";
import { volumeLevel } from "../volume/volume-level.js";
import { ImageTools } from "./image-tools.js";
import { ProjectionPanel, SidesView, VolumePanel, VolumeView } from "./lazy-parts.js";
import { PlaneView } from "./plane-view.js";
import { drawScaleBar, savePng } from "./scale-bar.js";
import { type BesideProps, useCoupled } from "./use-coupled.js";
import { useFailure } from "./use-failure.js";
import { usePoint } from "./use-point.js";
import { useShownAs } from "./use-shown-as.js";
import { viewNotes } from "./view-notes.js";
import { KEY_HELP, keyHandler, ViewTools } from "./view-tools.js";
import "./image-view.css";

interface ImageViewProps {
  readonly image: OpenImage;
  /** What the image is in. */
  readonly opened: OpenedSource;
  /** The top of the side panel, such as a choice between several images. */
  readonly children?: ReactNode;
  /** Settings and camera from the page's address. */
  readonly initial?: Partial<ViewOfImage> | undefined;
  /** How it belongs to a picture beside it. */
  readonly beside?: BesideProps | undefined;
  /** Called a moment after a change. */
  onState(view: ViewOfImage): void;
  /** Called at every change. */
  onView(view: ViewOfImage): void;
}

type ViewOfImage = Omit<ViewState, "image">;

/** One image: the picture, and beside it the panel with its settings. */
export function ImageView({ image, opened, children, initial, beside, onState, onView }: ImageViewProps) {
  const placed = useMemo(() => placeImage(image), [image]);
  const [settings, dispatch] = useReducer(
    settingsReducer,
    initial?.settings,
    (restored) => restored ?? initialSettings(image),
  );
  const [camera, setCamera] = useState<{ camera: Camera; size: Size }>();
  const [drawn, setDrawn] = useState<DrawnState>("empty");
  const { error, attempt, setError, retry } = useFailure(settings.slice);
  const found = useMemo(() => volumeLevel(placed), [placed]);
  const volume = found === undefined || "reason" in found ? undefined : found;
  const { shownAs, showAs, modes, pyramid, depth } = useShownAs(placed, initial?.shownAs, volume);
  const { mode } = shownAs;
  const isPair = beside?.title !== undefined;
  const stage = useRef<Stage>(undefined);
  const volumeStage = useRef<VolumeStage>(undefined);
  const sidesStage = useRef<SidesStage>(undefined);
  const [marks, setMarks] = useState(initial?.marks ?? []);
  const { point, read, ...pointer } = usePoint(mode === "plane" ? camera : undefined);
  const fitted = useRef(initial?.camera === undefined);

  const play = usePlay(image, settings.slice, error === undefined && mode === "plane");
  const scans = useChannelScans(pyramid, {
    slice: play.scanned,
    channels: settings.channels.filter(({ on }) => on).map(({ index }) => index),
    attempt,
    onError: setError,
  });
  const integers = /int|bool/.test(largestLevel(image).dtype);

  useAutoWindows(settings.channels, scans, dispatch);

  const hasFailed = error !== undefined;
  const scene = useMemo(() => {
    const whole = sceneOf(pyramid, settings);
    // A channel that cannot be read is not waited for.
    return { ...whole, ahead: play.ahead, pending: hasFailed ? [] : whole.pending };
  }, [pyramid, settings, play.ahead, hasFailed]);
  useEffect(() => stage.current?.look(initial?.camera), [initial?.camera]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt must read again
  useEffect(() => stage.current?.retry(), [attempt]);
  useEffect(() => {
    // Of two pictures, which are coupled where they are, both are kept.
    const isFitted = fitted.current && !isPair;
    const view = { settings, camera: isFitted ? undefined : camera?.camera, marks, shownAs };
    onView(view);
    // Browsers limit how often an address may change.
    if (play.isPlaying) return;
    const timer = setTimeout(() => onState(view), 250);
    return () => clearTimeout(timer);
  }, [settings, camera, marks, shownAs, play.isPlaying, isPair, onState, onView]);

  const look = useCallback((next: Camera | undefined) => {
    fitted.current = next === undefined;
    stage.current?.look(next);
  }, []);
  useCoupled({ pyramid, look, dispatch, camera: camera?.camera, slice: settings.slice, initial, beside });
  const change = (to: (camera: Camera) => Camera): void => {
    if (camera !== undefined) look(to(camera.camera));
  };
  const zoomBy = (steps: number): void => {
    if (mode === "sides") sidesStage.current?.zoom(steps);
    else if (mode === "volume") volumeStage.current?.turn(0, 0, steps / 2);
    else change((from) => ({ ...from, zoom: from.zoom + steps / 2 }));
  };
  const fit = (): void => {
    if (mode === "sides") sidesStage.current?.fit();
    else if (mode === "volume") showAs({ orbit: undefined });
    else look(undefined);
  };
  const pan = (x: number, y: number): void => {
    if (mode === "sides") sidesStage.current?.move(x / 10, y / 10);
    else if (mode === "volume") volumeStage.current?.turn(x, y, 0);
    else change((from) => panned(from, x, y));
  };
  const actualSize = (): void => change((from) => ({ ...from, zoom: -Math.log2(devicePixelRatio) }));
  const step = (axis: string, by: number): void => {
    const position = (settings.slice[axis] ?? 0) + by;
    if (position >= 0 && position < sizeAlong(image, axis)) dispatch({ type: "slice", axis, position });
  };
  const save = async (): Promise<void> => {
    const stages = { plane: stage, volume: volumeStage, sides: sidesStage };
    const canvas = await stages[mode].current?.capture();
    if (canvas === undefined) return;
    // In a volume, the size of a length on the screen depends on its distance.
    if (mode === "plane" && camera !== undefined) drawScaleBar(canvas, image, camera.camera);
    await savePng(canvas, opened.name);
  };
  const turn = useCallback((orbit: Orbit) => showAs({ orbit }), [showAs]);
  const cross = useCallback(
    (at: { x: number; y: number }, z: { axis: string; position: number }) => {
      showAs({ cross: at });
      dispatch({ type: "slice", ...z });
    },
    [showAs],
  );
  const onKeyDown = keyHandler({ pan, zoom: zoomBy, fit, actualSize, step, play: play.toggle, read });
  const notes = viewNotes(image, { found, shownAs, hasLabels: settings.labels.some(({ on }) => on) });

  const tools = camera !== undefined && mode === "plane" && (
    <ImageTools {...{ opened, scene, marks, ...camera }} onMarks={setMarks} />
  );

  return (
    <div className="image-view">
      <section
        className="stage"
        aria-label={isPair ? `${beside.title}: ${KEY_HELP[mode]}` : KEY_HELP[mode]}
        data-complete={drawn === "complete"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move the picture
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...pointer}
        onPointerDown={(event) => {
          fitted.current = false;
          pointer.onPointerDown(event);
        }}
        onWheel={() => {
          fitted.current = false;
        }}
      >
        {mode === "volume" && volume !== undefined ? (
          <Suspense>
            <VolumeView
              key={attempt}
              {...{ scene, volume, shownAs }}
              stage={volumeStage}
              onDrawn={setDrawn}
              onOrbit={turn}
              onError={setError}
            />
          </Suspense>
        ) : mode === "sides" ? (
          <Suspense>
            <SidesView
              key={attempt}
              {...{ pyramid, settings }}
              cross={shownAs.cross}
              stage={sidesStage}
              onCross={cross}
              onDrawn={setDrawn}
              onError={setError}
            />
          </Suspense>
        ) : (
          <PlaneView
            {...{ scene, settings, scans, stage, point }}
            part={beside?.part ?? 1}
            shown={camera}
            isWaiting={drawn === "empty" && !hasFailed}
            onCamera={(next, size) => setCamera({ camera: next, size })}
            onDrawn={(state, slice) => {
              setDrawn(state);
              play.onDrawn(state, slice);
            }}
            onError={setError}
            onLook={(x, y) => change((from) => ({ ...from, x, y }))}
          />
        )}
        <ViewTools
          onZoom={zoomBy}
          onFit={fit}
          onActualSize={actualSize}
          onSave={() => void save().catch(setError)}
          {...{ mode, modes }}
          onMode={(next) => showAs({ mode: next })}
        />
        {error !== undefined && (
          <div className="stage-error">
            <p role="alert">{explainError(error).message}</p>
            <button type="button" onClick={retry}>
              Try again
            </button>
          </div>
        )}
      </section>
      {beside?.isBehind ? (
        <div hidden>{marks.length > 0 && tools}</div>
      ) : (
        <aside className="panel" aria-label="How the image is shown">
          {children}
          <SliceSliders
            image={image}
            slice={settings.slice}
            isVolume={mode === "volume" || pyramid.projection !== undefined}
            play={play}
            dispatch={dispatch}
          />
          <Suspense>
            {mode === "plane" && depth !== undefined && (
              <ProjectionPanel
                {...depth}
                projection={shownAs.projection}
                onProjection={(projection) => showAs({ projection })}
              />
            )}
            {mode === "volume" && volume !== undefined && (
              <VolumePanel {...{ image, shownAs, scene, volume }} onChange={showAs} />
            )}
          </Suspense>
          <ChannelList channels={settings.channels} scans={scans} integers={integers} dispatch={dispatch} />
          <LabelPanel
            labels={image.labels}
            settings={settings.labels}
            onChange={(index, next) => dispatch({ type: "label", index, change: next })}
          />
          {tools}
          {notes.map((note) => (
            <p key={note} className="hint">
              {note}
            </p>
          ))}
        </aside>
      )}
    </div>
  );
}
