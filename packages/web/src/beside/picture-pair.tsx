import { lazy, type ReactNode, Suspense } from "react";
import type { OpenedSource } from "../open/source-input.js";
import type { Side } from "./coupling.js";
import { PictureBar } from "./picture-bar.js";
import type { BesideControl } from "./use-beside.js";
import type { Pair } from "./use-pair.js";
import "./picture-pair.css";

const BesideView = lazy(async () => ({ default: (await import("./beside-view.js")).BesideView }));

interface PicturePairProps {
  readonly opened: OpenedSource;
  readonly beside: BesideControl;
  readonly pair: Pair;
  /** The first image. */
  readonly children: ReactNode;
}

/** An image, and what is beside it: next to it, or below it on a narrow screen. The panel is that of the one last used. */
export function PicturePair({ opened, beside, pair, children }: PicturePairProps) {
  const isPair = beside.input !== undefined;
  return (
    <div className="pictures" data-pair={isPair}>
      <Half side={0} pair={pair}>
        {isPair && <PictureBar side={0} pair={pair} name={opened.name} />}
        {children}
      </Half>
      {isPair && (
        <Half side={1} pair={pair}>
          <Suspense>
            <BesideView {...{ opened, beside, pair }} />
          </Suspense>
        </Half>
      )}
    </div>
  );
}

/** What the user turns to leads the other one, and has the panel. */
function Half({ side, pair, children }: { side: Side; pair: Pair; children: ReactNode }) {
  const lead = (): void => pair.coupling.lead(side);
  const turnTo = (): void => {
    lead();
    pair.activate(side);
  };
  return (
    <div
      className="picture"
      data-side={side}
      onPointerDownCapture={turnTo}
      onFocusCapture={turnTo}
      onKeyDownCapture={lead}
      onWheelCapture={lead}
    >
      {children}
    </div>
  );
}
