import type { OpenImage, OpenNode } from "@ozx/core";
import { useCallback, useEffect, useMemo, useState } from "react";
import { SeriesList } from "../image/series-list.js";
import { ImageView } from "../image/view/image-view.js";
import { Choice } from "../open/choice.js";
import { explainError, whyUnreachable } from "../open/explain-error.js";
import { openSource } from "../open/open-input.js";
import { imageOfHash } from "../open/page-address.js";
import type { FailedSource, OpenedSource, SourceInput } from "../open/source-input.js";
import { imagesIn } from "../open/welcome.js";
import { formatViewState, parseViewState, type ViewState } from "../share/view-state.js";
import { PictureBar } from "./picture-bar.js";
import type { BesideControl, BesideInput } from "./use-beside.js";
import type { Pair } from "./use-pair.js";

interface BesideViewProps {
  /** The first source. */
  readonly opened: OpenedSource;
  readonly beside: BesideControl;
  readonly pair: Pair;
}

/** What is beside the first image. It is closed when it is unmounted. */
export function BesideView({ opened, beside, pair }: BesideViewProps) {
  const second = useSecond(beside.input ?? "same", opened);
  const name = second.status === "open" ? second.opened.name : nameOf(beside.input, opened);
  return (
    <>
      <PictureBar side={1} pair={pair} name={name}>
        <label title="Pan, zoom and step through depth and time together">
          <input
            type="checkbox"
            checked={pair.isCoupled}
            onChange={({ target }) => pair.couple(target.checked)}
          />
          Together
        </label>
        <button type="button" aria-label={`Close ${name} beside it`} title="Close" onClick={beside.close}>
          ×
        </button>
      </PictureBar>
      {second.status === "open" ? (
        <SecondImage {...{ beside, pair }} opened={second.opened} />
      ) : (
        <div className="beside-other">
          {second.status === "opening" ? (
            <p role="status">Opening {name} …</p>
          ) : (
            <Failed failed={second.failed} onOpen={beside.open} />
          )}
        </div>
      )}
    </>
  );
}

type Second =
  | { readonly status: "opening" }
  | { readonly status: "open"; readonly opened: OpenedSource }
  | { readonly status: "failed"; readonly failed: FailedSource };

/** Opens what is beside; closed when something else is, or nothing. */
function useSecond(input: BesideInput, first: OpenedSource): Second {
  const [second, setSecond] = useState<{ of: BesideInput; is: Second }>();
  useEffect(() => {
    if (input === "same") return;
    const controller = new AbortController();
    const { signal } = controller;
    let node: OpenNode | undefined;
    const open = async (): Promise<Second> => {
      try {
        const result = await openSource(input, { signal });
        node = result.node;
        if (signal.aborted) void node.close();
        return { status: "open", opened: result };
      } catch (error) {
        const reason = input.kind === "url" ? await whyUnreachable(error, input.url, { signal }) : error;
        return { status: "failed", failed: { source: input, error: reason } };
      }
    };
    void open().then((is) => signal.aborted || setSecond({ of: input, is }));
    return () => {
      controller.abort();
      void node?.close();
      setSecond(undefined);
    };
  }, [input]);
  if (input === "same") return { status: "open", opened: first };
  return second?.of === input ? second.is : { status: "opening" };
}

function nameOf(input: BesideInput | undefined, first: OpenedSource): string {
  return typeof input === "object" ? input.name : first.name;
}

function Failed({ failed, onOpen }: { failed: FailedSource; onOpen(source: SourceInput): void }) {
  const { title, message } = explainError(failed.error);
  const images = imagesIn(failed);
  if (images.length > 0) {
    return (
      <Choice
        title={`${failed.source.name} has ${images.length} images`}
        text="Choose the one to open beside."
        sources={images.map((one) => ({ title: one.inside?.slice(1) ?? one.name, source: one }))}
        onOpen={onOpen}
      />
    );
  }
  return (
    <div role="alert">
      <strong>{title}</strong>
      <p>{message}</p>
    </div>
  );
}

interface SecondImageProps extends Pick<BesideViewProps, "beside" | "pair"> {
  readonly opened: OpenedSource;
}

function SecondImage({ opened, beside, pair }: SecondImageProps) {
  const { node, name } = opened;
  const [path, setPath] = useState(() => imageOfHash(beside.kept?.state.view ?? "", name));
  const image = node.images.find((one) => one.path === path) ?? node.images[0];
  if (image === undefined) {
    return (
      <div className="beside-other">
        <p>{name} contains no image to show.</p>
      </div>
    );
  }
  return <SecondView key={image.path} {...{ opened, beside, pair, image, onPath: setPath }} />;
}

function SecondView({
  opened,
  beside,
  pair,
  image,
  onPath,
}: SecondImageProps & { readonly image: OpenImage; onPath(path: string | undefined): void }) {
  const { node, name } = opened;
  const { kept } = beside;
  const initial = useMemo(() => parseViewState(kept?.state.view ?? "", name, image), [kept, name, image]);
  const { keep, coupling, active } = pair;
  const onState = useCallback(
    (view: Omit<ViewState, "image">) => keep(formatViewState(name, { image: image.path, ...view })),
    [keep, name, image],
  );
  const place = useMemo(
    () => ({ link: coupling.links[1], title: `2, ${name}`, isBehind: active === 0, part: 1 / 2 }),
    [coupling, name, active],
  );
  return (
    <ImageView {...{ image, opened, initial, onState }} beside={place} onView={ignoreView}>
      <SeriesList
        images={node.images}
        index={node.images.indexOf(image)}
        onIndex={(index) => onPath(node.images[index]?.path)}
      />
    </ImageView>
  );
}

/** Only the first image has others to hand its settings to. */
function ignoreView(): void {}
