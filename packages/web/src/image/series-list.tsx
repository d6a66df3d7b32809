import { isOzxError, type OpenImage, type OpenNode } from "@ozx/core";
import { keyName } from "@ozx/core/container";

interface SeriesListProps {
  readonly images: readonly OpenImage[];
  readonly index: number;
  onIndex(index: number): void;
}

/** A choice between several images, such as the series of a bioformats2raw collection. */
export function SeriesList({ images, index, onIndex }: SeriesListProps) {
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
export function titleOf(image: OpenImage, at: number): string {
  const path = keyName(image.path) || String(at);
  try {
    return image.name === undefined || image.name === path ? path : `${path}: ${image.name}`;
  } catch (error) {
    if (isOzxError(error)) return `${path} (cannot be read)`;
    throw error;
  }
}

/** Shown in place of the picture where the source has no image. */
export function NoImage({ node }: { node: OpenNode }) {
  const description =
    node.kind === "array" ? "a single Zarr array without a plane to show" : `a ${node.kind} without images`;
  return (
    <div className="welcome">
      <h1>No image to show</h1>
      <p>This is {description}. The other sections show its contents.</p>
    </div>
  );
}
