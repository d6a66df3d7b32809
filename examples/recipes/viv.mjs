// Viv, without React: all levels, drawn by WebGL.
import { Deck, OrthographicView } from "@deck.gl/core";
import { openOzx } from "@ozx/store-zip";
import { MultiscaleImageLayer } from "@vivjs/layers";
import { loadOmeZarrFromStore } from "@vivjs/loaders";

const store = await openOzx(new URLSearchParams(location.search).get("image"));
const { data, metadata } = await loadOmeZarrFromStore(store);
const [{ color, window }] = metadata.omero.channels;
const layer = new MultiscaleImageLayer({
  loader: data,
  selections: [{ c: 0, z: 0 }],
  channelsVisible: [true],
  contrastLimits: [[window.start, window.end]],
  colors: [color.match(/../g).map((part) => Number.parseInt(part, 16))],
});
const [height, width] = data[0].shape.slice(-2);
const initialViewState = { target: [width / 2, height / 2, 0], zoom: 0 };
new Deck({ views: new OrthographicView(), initialViewState, layers: [layer] });
