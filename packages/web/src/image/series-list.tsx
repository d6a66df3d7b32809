import { isOzxError, keyName, type OpenImage } from "@ozx/core";

interface SeriesListProps {
  readonly images: readonly OpenImage[];
  readonly index: number;
  onIndex(index: number): void;
}

/** Which of several images is shown: the series of a bioformats2raw collection, the fields of a well. */
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

/** A name where there is one that says more than the path. */
function titleOf(image: OpenImage, at: number): string {
  const path = keyName(image.path) || String(at);
  try {
    return image.name === undefined || image.name === path ? path : `${path}: ${image.name}`;
  } catch (error) {
    if (isOzxError(error)) return `${path} (cannot be read)`;
    throw error;
  }
}
