"""Writes TIFFs as slide scanners and microscopes do, and prints what tifffile reads of them: make_slides.py FOLDER

Each is printed as {"file", "images": [[{"t/c/z": sha256 of the plane}, ...levels], ...]}, with a pattern in "refused" for
those that are not to be read.
"""

import hashlib
import io
import json
import struct
import sys

import numpy
import tifffile
from PIL import Image

folder = sys.argv[1]
rng = numpy.random.default_rng(14)
entries = []


def rgb(height, width):
    y, x = numpy.mgrid[0:height, 0:width]
    smooth = numpy.stack([y * 3 + x, x * 2 + 40, 255 - y], axis=-1)
    return (smooth + rng.integers(0, 9, smooth.shape)).astype("u1")


def gray(height, width):
    return rng.integers(0, 60000, (height, width)).astype("u2")


def hashes(array, axes):
    """The planes of an array by t/c/z; samples count as channels."""
    for axis in "TCZ":
        if axis not in axes:
            array, axes = array[None], axis + axes
    if "S" not in axes:
        array, axes = array[..., None], axes + "S"
    array = numpy.transpose(array, [axes.index(axis) for axis in "TCZSYX"])
    found = {}
    for t, c, z, s in numpy.ndindex(array.shape[:4]):
        plane = numpy.ascontiguousarray(array[t, c, z, s])
        key = f"{t}/{c * array.shape[3] + s}/{z}"
        found[key] = hashlib.sha256(plane.astype(plane.dtype.newbyteorder("<")).tobytes()).hexdigest()
    return found


def read(name, kind, images=slice(None)):
    """Adds a file with what tifffile reads of it."""
    with tifffile.TiffFile(f"{folder}/{name}") as tiff:
        series = tiff.series[images]
        assert series[0].kind == kind, (name, series[0].kind)
        levels = [[hashes(level.asarray(), level.axes) for level in one.levels] for one in series]
    entries.append({"file": name, "images": levels})


def refuse(name, pattern):
    entries.append({"file": name, "images": [], "refused": pattern})


def ndpi(name, pages):
    """A file of JPEGs with restart markers, each page with 64-bit offsets of IFDs and high halves of values."""
    data = bytearray(struct.pack("<2sHQ", b"II", 42, 0))
    link = 4
    for picture, interval, lens in pages:
        height, width = picture.shape[:2]
        out = io.BytesIO()
        Image.fromarray(picture).save(out, "JPEG", quality=90, subsampling=0, restart_marker_blocks=interval)
        jpeg = out.getvalue()
        scan = jpeg.index(b"\xff\xda")
        starts = [scan + 2 + struct.unpack(">H", jpeg[scan + 2 : scan + 4])[0]]
        for at in range(starts[0], len(jpeg) - 1):
            if jpeg[at] == 0xFF and 0xD0 <= jpeg[at + 1] <= 0xD7:
                starts.append(at + 2)
        strip = len(data)
        data += jpeg

        def elsewhere(values):
            at = len(data)
            data.extend(values)
            return at

        make = elsewhere(b"Hamamatsu\0")
        bits = elsewhere(struct.pack("<3H", 8, 8, 8))
        resolution = elsewhere(struct.pack("<2I", 44000, 1))
        tags = [
            (254, 4, 1, 0),
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 3, bits),
            (259, 3, 1, 7),
            (262, 3, 1, 6),
            (271, 2, 10, make),
            (273, 4, 1, strip),
            (277, 3, 1, 3),
            (278, 4, 1, height),
            (279, 4, 1, len(jpeg)),
            (282, 5, 1, resolution),
            (283, 5, 1, resolution),
            (284, 3, 1, 1),
            (296, 3, 1, 3),
            (530, 3, 2, 0x10001),
            (65420, 4, 1, 1),
            (65421, 11, 1, struct.unpack("<I", struct.pack("<f", lens))[0]),
            (65426, 4, len(starts), elsewhere(struct.pack(f"<{len(starts)}I", *starts))),
        ]
        data[link : link + 8] = struct.pack("<Q", len(data))
        data += struct.pack("<H", len(tags))
        for tag, type_, count, value in tags:
            data += struct.pack("<HHII", tag, type_, count, value)
        link = len(data)
        data += struct.pack("<Q", 0) + bytes(4 * len(tags))
    with open(f"{folder}/{name}", "wb") as file:
        file.write(data)


# Hamamatsu: the width of the full resolution is no multiple of a tile's.
ndpi("slide.ndpi", [(rgb(150, 250), 8, 20.0), (rgb(75, 125), 4, 10.0), (rgb(60, 40), 5, -1.0)])
read("slide.ndpi", "ndpi", slice(1))

# Leica: an overview of the glass, and two parts of it, one of them of fluorescence.
tile = {"tile": (64, 64), "metadata": None}


def scn(image, offset, width, height, dimensions):
    dims = "".join(f'<dimension sizeX="1" sizeY="1" r="{r}" c="{c}" ifd="{ifd}"/>' for r, c, ifd in dimensions)
    return (
        f'<image name="{image}"><pixels sizeX="{width}" sizeY="{height}">{dims}</pixels>'
        f'<view sizeX="{width * 500}" sizeY="{height * 500}" offsetX="{offset}" offsetY="{offset}"/></image>'
    )


xml = (
    '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">'
    '<collection name="x" sizeX="50000" sizeY="35000">'
    + scn("overview", 0, 100, 70, [(0, 0, 0)])
    + scn("bright", 7000, 200, 130, [(0, 0, 1), (1, 0, 2)])
    + scn("fluorescence", 9000, 150, 90, [(0, 0, 3), (0, 1, 4), (1, 0, 5), (1, 1, 6)])
    + "</collection></scn>"
)
with tifffile.TiffWriter(f"{folder}/slide.scn", bigtiff=True) as writer:
    for picture in [rgb(70, 100), rgb(130, 200), rgb(65, 100)]:
        writer.write(picture, description=xml, compression="jpeg", photometric="rgb", **tile)
    for picture in [gray(90, 150), gray(90, 150), gray(45, 75), gray(45, 75)]:
        writer.write(picture, compression="lzw", **tile)
read("slide.scn", "scn", slice(1, None))

# Philips: levels that are filled up to whole tiles.
spacing = "".join(
    '<DataObject ObjectType="PixelDataRepresentation">'
    f'<Attribute Name="DICOM_PIXEL_SPACING">"{mm}" "{mm}"</Attribute></DataObject>'
    for mm in [0.00025, 0.0005, 0.001]
)
xml = f'<DataObject ObjectType="DPUfsImport"><Attribute Name="A"><Array>{spacing}</Array></Attribute></DataObject>'
with tifffile.TiffWriter(f"{folder}/philips.tiff", bigtiff=True) as writer:
    for k, picture in enumerate([rgb(320, 448), rgb(192, 256), rgb(128, 128)]):
        about = {"software": "Philips DP v1.0", "description": xml} if k == 0 else {}
        writer.write(picture, photometric="rgb", compression="zlib", **tile, **about)
    writer.write(rgb(60, 80), photometric="rgb", description="Macro", metadata=None)
    writer.write(rgb(60, 60), photometric="rgb", description="Label", metadata=None)
read("philips.tiff", "philips", slice(1))

# FluoView: channels fastest, then depth, then time.
dimensions = [("X", 45, 0.2, "um"), ("Y", 37, 0.2, "um"), ("Ch", 2, 1, "Ch"), ("Z", 3, 0.5, "um"), ("T", 2, 2, "s")]
header = struct.pack("<hB257sIiIIiI", 1, 1, b"cells", 0, 0, 0, 0, 0, 0)
for name, size, step, unit in dimensions + [("", 0, 0, "")] * 5:
    header += struct.pack("<16sidd64s", name.encode(), size, 0, step, unit.encode())
header += bytes(1500 - len(header))
with tifffile.TiffWriter(f"{folder}/fluoview.tif") as writer:
    for k in range(12):
        extra = [(34361, 1, len(header), header, True), (34362, 12, 8, [0.0] * 8, True)]
        writer.write(gray(37, 45), metadata=None, extratags=extra)
read("fluoview.tif", "fluoview")

# What is not the picture, or cannot be said in OME-Zarr.
one = {"metadata": None}
tifffile.imwrite(f"{folder}/cielab.tif", rgb(48, 64), photometric="cielab", **one)
refuse("cielab.tif", "CIELAB")
tifffile.imwrite(f"{folder}/cielab-jpeg.tif", rgb(48, 64), photometric="cielab", compression="jpeg", **one)
refuse("cielab-jpeg.tif", "CIELAB")
tifffile.imwrite(f"{folder}/mosaic.dng", gray(48, 64), photometric="cfa", extratags=[(50706, 1, 4, bytes([1, 4, 0, 0]), True)], **one)
refuse("mosaic.dng", "raw picture")
xmp = b'<Metadata><iScan Magnification="20"/></Metadata>'
with tifffile.TiffWriter(f"{folder}/slide.bif", bigtiff=True) as writer:
    writer.write(rgb(60, 40), description="Label_Image", photometric="rgb", extratags=[(700, 1, len(xmp), xmp, True)], **one)
    writer.write(rgb(128, 192), description="level=0 mag=20 quality=90", photometric="rgb", compression="jpeg", **tile)
refuse("slide.bif", "Roche BIF")

print(json.dumps(entries))
