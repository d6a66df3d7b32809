import { useEffect, useId, useRef, useState } from "react";
import { baseName, download } from "../convert/save-location.js";
import type { Scene } from "../image/stage/scene.js";
import type { Rectangle } from "../image/tiles/image-plane.js";
import { explainError } from "../open/explain-error.js";
import type { TaskProgress } from "../workers/messages.js";
import { ProgressBar } from "../workers/task-status.js";
import { pictureAsPng } from "./save-picture.js";

interface PictureSectionProps {
  readonly scene: Scene;
  readonly region: Rectangle;
  /** Of the open source. */
  readonly name: string;
  /** As on the screen, in pixels. */
  readonly initialWidth: number;
}

type Outcome =
  | { readonly status: "running"; readonly progress: TaskProgress | undefined; readonly since: number }
  | { readonly status: "saved"; readonly text: string }
  | { readonly status: "failed"; readonly error: unknown };

/** The region as a PNG, in any size up to that of the largest level, or of the screen where that is larger. */
export function PictureSection({ scene, region, name, initialWidth }: PictureSectionProps) {
  const full = Math.max(1, Math.round(region.right - region.left));
  const most = Math.max(full, initialWidth);
  const [typed, setTyped] = useState(String(initialWidth));
  const [hasBar, setHasBar] = useState(true);
  const [outcome, setOutcome] = useState<Outcome>();
  const running = useRef<AbortController>(undefined);
  const ids = { title: useId(), width: useId(), bar: useId() };
  useEffect(() => () => running.current?.abort(), []);

  const width = Math.max(1, Math.min(most, Math.round(Number(typed)) || 1));
  const height = Math.max(
    1,
    Math.round((width * (region.bottom - region.top)) / (region.right - region.left)),
  );

  const save = async (): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    const since = performance.now();
    setOutcome({ status: "running", progress: undefined, since });
    try {
      const png = await pictureAsPng(
        { scene, region, width, height },
        {
          signal: controller.signal,
          // As large in the picture as on the screen.
          bar: hasBar ? Math.max(1, width / initialWidth) * devicePixelRatio : undefined,
          onProgress: (progress) => setOutcome({ status: "running", progress, since }),
        },
      );
      const file = `${baseName(name)} ${width}×${height}.png`;
      download(png, file);
      setOutcome({ status: "saved", text: `Saved ${file}` });
    } catch (error) {
      setOutcome(controller.signal.aborted ? undefined : { status: "failed", error });
    }
  };

  return (
    <section aria-labelledby={ids.title}>
      <h2 id={ids.title}>Picture (PNG)</h2>
      <p className="soft">The colours and labels as they are shown.</p>
      <div className="export-row">
        <label htmlFor={ids.width}>Width</label>
        <input
          id={ids.width}
          type="number"
          min={1}
          max={most}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={() => setTyped(String(width))}
        />
        <span>× {height} pixels</span>
        <button
          type="button"
          className="quiet"
          disabled={width === full}
          onClick={() => setTyped(String(full))}
        >
          Full resolution, {full}
        </button>
      </div>
      <label className="export-check">
        <input type="checkbox" checked={hasBar} onChange={({ target }) => setHasBar(target.checked)} />
        Scale bar
      </label>
      {outcome?.status === "running" ? (
        <ProgressBar
          verb="Drawing"
          progress={outcome.progress}
          since={outcome.since}
          onCancel={() => running.current?.abort()}
        />
      ) : (
        <button type="button" className="primary" onClick={() => void save()}>
          Save as PNG
        </button>
      )}
      {outcome?.status === "saved" && (
        <p role="status" className="outcome">
          {outcome.text}
        </p>
      )}
      {outcome?.status === "failed" && (
        <p role="alert" className="outcome failed-outcome">
          {explainError(outcome.error).message}
        </p>
      )}
    </section>
  );
}
