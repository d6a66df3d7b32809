import { composite, type OpenImage, type ReadOptions } from "@ozx/core";
import { initialSettings } from "../image/model/settings.js";
import { type Survey, surveyChannel } from "../image/model/survey.js";
import { placeImage } from "../image/tiles/pyramid.js";

/** Draws the smallest level of images, all with the windows of the first one, so that they can be compared. */
export interface Thumbnails {
  draw(image: OpenImage, options?: ReadOptions): Promise<ImageData | undefined>;
}

/** Few at once, so that what is clicked meanwhile is not last in a long queue. */
const AT_ONCE = 3;

export function createThumbnails(): Thumbnails {
  const windows = new Map<number, Survey["window"]>();
  const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  let turn = 0;

  const drawNow = async (image: OpenImage, options?: ReadOptions): Promise<ImageData | undefined> => {
    options?.signal?.throwIfAborted();
    const pyramid = placeImage(image);
    const { slice, channels } = initialSettings(image);
    const shown = channels.filter(({ on }) => on);
    const surveys = await Promise.all(
      shown.map(({ index }) => surveyChannel(pyramid, slice, index, options)),
    );
    const [first] = surveys;
    if (first === undefined) return undefined;
    const rgba = composite(
      shown.map(({ index, color, window }, at) => {
        const { values, window: own } = surveys[at] as Survey;
        if (!windows.has(index)) windows.set(index, own);
        return { values, color, window: window ?? windows.get(index) ?? own };
      }),
    );
    return new ImageData(rgba, first.width, first.height);
  };

  return {
    draw(image, options) {
      const lane = turn++ % AT_ONCE;
      const drawn = (lanes[lane] ?? Promise.resolve()).then(() => drawNow(image, options));
      lanes[lane] = drawn.then(
        () => {},
        () => {},
      );
      return drawn;
    },
  };
}
