import { useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";
import { NoImage } from "./no-image.js";
import { SeriesList } from "./series-list.js";
import { ImageView } from "./view/image-view.js";

/** The images of what is open. */
export function ImageTab({ opened }: { opened: OpenedSource }) {
  const { images } = opened.node;
  const [index, setIndex] = useState(0);
  const image = images[index];
  if (image === undefined) return <NoImage node={opened.node} />;
  return (
    <ImageView key={image.path} image={image} name={opened.name}>
      <SeriesList images={images} index={index} onIndex={setIndex} />
    </ImageView>
  );
}
