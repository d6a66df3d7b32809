"""Compares a PNG with the channels of a level, put together by their colours and windows: PNG ZARR LEVEL Z.

Prints the size of the PNG and the largest difference of a colour.
"""

import json
import sys

import numpy
import zarr
from PIL import Image

png, folder, level, z = sys.argv[1:]
group = zarr.open_group(folder, mode="r")
channels = group.attrs["ome"]["omero"]["channels"]
planes = group[level][:, int(z)].astype(float)
picture = numpy.zeros((*planes.shape[1:], 3))
for plane, channel in zip(planes, channels):
    if channel.get("active", True):
        start, end = channel["window"]["start"], channel["window"]["end"]
        light = numpy.clip((plane - start) / (end - start), 0, 1)
        color = [int(channel["color"][at : at + 2], 16) for at in (0, 2, 4)]
        picture += light[..., None] * numpy.array(color)
drawn = numpy.asarray(Image.open(png).convert("RGB")).astype(float)
difference = numpy.abs(drawn - numpy.clip(picture, 0, 255)).max()
json.dump({"size": drawn.shape[1::-1], "difference": float(difference)}, sys.stdout)
