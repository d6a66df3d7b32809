import type { OpenImage } from "@ozx/core";
import { useEffect, useRef, useState } from "react";
import type { Thumbnails } from "./thumbnails.js";

/** A small picture of an image, drawn once it comes into sight. */
export function Thumbnail({ image, thumbnails }: { image: OpenImage; thumbnails: Thumbnails }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<"waiting" | "drawn" | "failed">("waiting");

  useEffect(() => {
    const place = canvas.current;
    if (place === null) return;
    const controller = new AbortController();
    const draw = async (): Promise<void> => {
      const picture = await thumbnails.draw(image, { signal: controller.signal });
      if (picture === undefined || controller.signal.aborted) return;
      place.width = picture.width;
      place.height = picture.height;
      place.getContext("2d")?.putImageData(picture, 0, 0);
      setState("drawn");
    };
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      draw().catch(() => {
        if (!controller.signal.aborted) setState("failed");
      });
    });
    observer.observe(place);
    return () => {
      observer.disconnect();
      controller.abort();
    };
  }, [image, thumbnails]);

  return <canvas ref={canvas} className="thumbnail" data-state={state} width="16" height="16" />;
}
