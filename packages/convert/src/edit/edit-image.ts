import { type AbsolutePath, UsageError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { axisNamed } from "../chunks/axis-named.js";
import { withChannels } from "./edit-channels.js";
import { rescalingOf, withRescaled, withUnits } from "./edit-multiscale.js";
import type { AxisEdit, MetadataEdit } from "./edit-request.js";
import type { Rescaling } from "./rescale.js";
import {
  type EditedImage,
  editedImageAt,
  nameOfNode,
  setMembers,
  setMultiscale,
  type WorkingCopy,
} from "./working-copy.js";

/**
 * Edits the first multiscale of an image, and its channels. Its label images follow where they are, and in which units.
 *
 * @throws UsageError for what the image does not have, or values that are not possible
 * @throws UnsupportedError for OME-Zarr before 0.4, and levels that are placed by more than a scale and a translation
 */
export function editImage(
  working: WorkingCopy,
  path: AbsolutePath,
  { name, axes: asked = new Map(), unit, channels = [] }: MetadataEdit,
): void {
  const edited = editedImageAt(working, path);
  if (edited === undefined) throw new UsageError(`there is no image at ${path} in ${working.location}`);
  const names = edited.multiscale.read.axes.map((axis) => axis.name);
  const axes = new Map([...asked].map(([axis, edit]) => [axisNamed(axis, names), edit]));
  const rescaling = rescalingOf(edited.multiscale, axes);
  const units = unitsOf(edited, axes, unit);
  place(working, path, { rescaling, units });
  for (const labels of edited.image.labels) place(working, labels, { rescaling, units });
  if (name !== undefined) setName(working, path, name);
  if (channels.length === 0) return;
  const what = nameOfNode(working, path);
  setMembers(working, path, { omero: withChannels(edited.members["omero"], edited.image, channels, what) });
}

/** The units of axes by their names. */
function unitsOf(
  { multiscale: { read } }: EditedImage,
  axes: ReadonlyMap<string, AxisEdit>,
  unit: string | undefined,
): Map<string, string> {
  const units = new Map<string, string>();
  for (const { name, type } of read.axes) {
    const own = axes.get(name)?.unit ?? (type === "space" ? unit : undefined);
    if (own !== undefined) units.set(name, own);
  }
  return units;
}

/** Places the image or label image at a path; nothing where no readable image is there. */
function place(
  working: WorkingCopy,
  path: AbsolutePath,
  {
    rescaling,
    units,
  }: { readonly rescaling: Rescaling | undefined; readonly units: ReadonlyMap<string, string> },
): void {
  if (rescaling !== undefined && !isIdentity(rescaling)) {
    const edited = editedImageAt(working, path);
    if (edited !== undefined) setMultiscale(working, path, withRescaled(edited.multiscale, rescaling));
  }
  if (units.size === 0) return;
  const edited = editedImageAt(working, path);
  if (edited !== undefined) setMultiscale(working, path, withUnits(edited.multiscale, units));
}

function isIdentity({ from, to }: Rescaling): boolean {
  return (
    from.scale.every((size, axis) => size === to.scale[axis]) &&
    from.translation.every((position, axis) => position === to.translation[axis])
  );
}

/** `omero` may repeat the name. */
function setName(working: WorkingCopy, path: AbsolutePath, name: string): void {
  const edited = editedImageAt(working, path);
  if (edited === undefined) return;
  setMultiscale(working, path, { ...edited.multiscale.written, name });
  const { omero } = edited.members;
  if (isJsonObject(omero) && typeof omero["name"] === "string")
    setMembers(working, path, { omero: { ...omero, name } });
}
