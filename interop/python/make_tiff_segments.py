"""Writes segments (strips and tiles) of TIFFs in every kind that tifffile and imagecodecs write, and what they decode to:
`make_tiff_segments.py all FOLDER` makes FOLDER/segments.bin and prints an index as JSON; `small` prints those that the unit
tests keep (packages/store-tiff/test/decode/segments.json), with digests of what they decode to.

tifffile decodes each segment of each file. Where it is known to differ from libtiff, or writes nothing of a kind, the
pixels that were encoded are the truth.
"""

import base64
import hashlib
import io
import itertools
import json
import struct
import sys
import zlib

import imagecodecs as ic
import numpy as np
import tifffile

HEIGHT, WIDTH = 37, 45
cases = []
blob = io.BytesIO()


def put(data):
    at = blob.tell()
    blob.write(data)
    return [at, len(data)]


def case(name, encoded, decoded, tolerance=0, **layout):
    """One segment, and its samples in any byte order."""
    if decoded.dtype == bool:
        decoded = decoded.astype("u1")
    little = np.ascontiguousarray(decoded.astype(decoded.dtype.newbyteorder("<")))
    layout = {"predictor": 1, "littleEndian": True, "fillOrder": 1, "photometric": 1, "sampleFormat": "uint"} | layout
    tables = layout.pop("jpegTables", None)
    if tables is not None:
        layout["jpegTables"] = put(tables)
    cases.append({"name": name, "layout": layout, "encoded": put(encoded), "decoded": put(little.tobytes()), "tolerance": tolerance})


def file_cases(name, data, tolerance=0, check=True, **options):
    """All segments of a file that tifffile writes of an array, decoded by tifffile."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=options.pop("byteorder", "<")) as writer:
        writer.write(data, metadata=None, **options)
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages[0]
        if check and tolerance == 0 and page.compression not in (6, 7):
            assert (page.asarray() == data).all(), name
        for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
            file.seek(offset)
            raw = file.read(count)
            decoded, position, shape = page.decode(raw, index, jpegtables=page.jpegtables)
            samples = shape[3]
            layout = {
                "compression": int(page.compression),
                "predictor": int(page.predictor),
                "width": shape[2],
                "height": shape[1],
                "samplesPerPixel": samples,
                "bitsPerSample": page.bitspersample,
                "sampleFormat": {1: "uint", 2: "int", 3: "float"}[int(page.sampleformat)],
                "littleEndian": tiff.byteorder == "<",
                "fillOrder": int(page.fillorder),
                "photometric": int(page.photometric),
                "mostRows": page.tilelength if page.is_tiled else page.rowsperstrip,
            }
            if page.jpegtables is not None:
                layout["jpegTables"] = page.jpegtables
            if page.photometric == 6:
                layout["ycbcrSubsampling"] = list(page.subsampling or (2, 2))
            case(f"{name} #{index}", raw, decoded, tolerance, **layout)


def pattern(dtype, samples):
    """A ramp with noise: all bytes of each sample change."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = []
    for sample in range(samples):
        ramp = x * 7 + y * 13 + sample * 101 + rng.integers(0, 5, (HEIGHT, WIDTH))
        if np.dtype(dtype).kind == "f":
            plane = (ramp / 7 - 40).astype(dtype)
            plane[0, :5] = [np.nan, np.inf, -np.inf, -0.0, np.finfo(dtype).tiny / 4]
        else:
            info = np.iinfo(dtype)
            wide = ramp.astype("u8") * np.uint64(0x0123456789ABCDEF)
            plane = (wide >> np.uint64(64 - info.bits)).astype(f"u{info.bits // 8}").view(dtype)
            plane[0, :2] = [info.min, info.max]
        planes.append(plane)
    return np.stack(planes, -1) if samples > 1 else planes[0]


INTEGERS = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]
FLOATS = ["f2", "f4", "f8"]
BYTES = {"none": None, "lzw": "lzw", "deflate": "adobe_deflate", "deflate-32946": "deflate", "packbits": "packbits", "zstd": "zstd"}
CUTS = {"strips": {"rowsperstrip": 10}, "tiles": {"tile": (16, 32)}, "one strip": {"rowsperstrip": HEIGHT}}
PLANES = {"gray": (1, {}), "chunky": (3, {"planarconfig": "contig"}), "planar": (3, {"planarconfig": "separate"}), "two": (2, {"planarconfig": "contig"}), "rgba": (4, {"planarconfig": "contig"})}


def bytes_codecs():
    for (codec, compression), dtype, order, (cut, cuts), (plane, (samples, planes)) in itertools.product(
        BYTES.items(), INTEGERS + FLOATS, "<>", CUTS.items(), PLANES.items()
    ):
        if np.dtype(dtype).itemsize == 1 and order == ">":
            continue
        predictors = [1] if codec == "none" else [1, 3] if dtype in FLOATS else [1, 2]
        for predictor in predictors:
            data = pattern(dtype, samples)
            if planes.get("planarconfig") == "separate":
                data = np.moveaxis(data, -1, 0)
            photometric = "rgb" if samples >= 3 else "minisblack"
            file_cases(
                f"{codec} {dtype}{order} predictor {predictor} {cut} {plane}",
                data,
                check=False,
                byteorder=order,
                compression=compression,
                predictor=predictor if predictor > 1 else None,
                photometric=photometric,
                **cuts,
                **planes,
            )


def packed(values, bits):
    """Rows of samples, most significant bit first, filled up to whole bytes."""
    planes = (values[..., None].astype("u8") >> np.arange(bits - 1, -1, -1, dtype="u8")) & np.uint64(1)
    return np.packbits(planes.reshape(values.shape[0], -1).astype("u1"), axis=1).tobytes()


def packed_samples():
    rng = np.random.default_rng(6)
    encoders = {1: bytes, 5: ic.lzw_encode, 8: zlib.compress, 32773: ic.packbits_encode, 50000: ic.zstd_encode}
    for bits, (compression, encode), samples, little, order in itertools.product(
        [*range(1, 8), *range(9, 16), 17, 20, 23, 25, 28, 31], encoders.items(), (1, 3), (True, False), (1, 2)
    ):
        values = rng.integers(0, 2**bits, (11, 13 * samples), dtype="u8")
        dtype = "u1" if bits < 8 else "u2" if bits < 16 else "u4"
        raw = packed(values, bits)
        if compression == 1:
            # imagecodecs agrees, as far as it reads such samples.
            runs = ic.packints_decode(raw, np.dtype(dtype), bits, runlen=13 * samples)
            assert (runs == values.reshape(-1)).all(), bits
        encoded = encode(raw)
        case(
            f"{bits} bits, compression {compression}, {samples} samples, little-endian {little}, fill order {order}",
            ic.bitorder_encode(encoded) if order == 2 else encoded,
            values.astype(dtype),
            compression=compression,
            width=13,
            height=11,
            samplesPerPixel=samples,
            bitsPerSample=bits,
            littleEndian=little,
            fillOrder=order,
        )
    for order in "<>":
        values = rng.integers(0, 2**24, (11, 13), dtype="u4")
        four = values.astype(order + "u4").view("u1").reshape(-1, 4)
        three = four[:, :3] if order == "<" else four[:, 1:]
        shape = {"width": 13, "height": 11, "samplesPerPixel": 1, "bitsPerSample": 24, "littleEndian": order == "<"}
        case(f"24 bits {order}", ic.lzw_encode(three.tobytes()), values, compression=5, **shape)
        floats = np.concatenate([three, np.array([[0, 0, 0], [0xFF] * 3, [1, 0, 0], [0, 0, 1], [0, 0x80, 0x3F], [0, 0, 0x7F], [0x7F, 0, 0]] * 13, "u1")[:91]])[: 11 * 13]
        wide = ic.float24_decode(floats.tobytes(), byteorder=order).astype("f4")
        case(f"float24 {order}", zlib.compress(floats.tobytes()), wide, compression=8, sampleFormat="float", **shape)


def fill_order():
    for dtype in ("u1", "u2", "f4"):
        data = pattern(dtype, 1)
        for compression, encoded in {1: data.tobytes(), 5: ic.lzw_encode(data.tobytes()), 8: zlib.compress(data.tobytes())}.items():
            case(
                f"fill order 2, {dtype}, compression {compression}",
                ic.bitorder_encode(encoded),
                data,
                compression=compression,
                width=WIDTH,
                height=HEIGHT,
                samplesPerPixel=1,
                bitsPerSample=data.itemsize * 8,
                sampleFormat="float" if dtype == "f4" else "uint",
                fillOrder=2,
            )


def old_lzw(data):
    """LZW as libtiff calls it old-style: least significant bit first, codes grow when they must."""
    out, buffer, have = bytearray(), 0, 0

    def write(code, width):
        nonlocal buffer, have
        buffer |= code << have
        have += width
        while have >= 8:
            out.append(buffer & 255)
            buffer >>= 8
            have -= 8

    table, width = {bytes([k]): k for k in range(256)}, 9
    write(256, 9)
    following, string = 258, b""
    for value in data:
        longer = string + bytes([value])
        if longer in table:
            string = longer
            continue
        write(table[string], width)
        table[longer] = following
        following += 1
        # The decoder knows a code one code later.
        if following > (1 << width):
            width += 1
        if following == 4095:
            write(256, width)
            table, width, following = {bytes([k]): k for k in range(256)}, 9, 258
        string = bytes([value])
    write(table[string], width)
    write(257, width)
    write(0, 7)
    return bytes(out)


def lzw_kinds():
    rng = np.random.default_rng(7)
    data = {
        "one byte": b"x",
        "one value": b"aaaaaaaaaaaaa" * 3000,
        "noise": rng.integers(0, 256, 50_000, dtype="u1").tobytes(),
        "two values": rng.integers(0, 2, 50_000, dtype="u1").tobytes(),
        "runs": np.repeat(rng.integers(0, 256, 900, dtype="u1"), 61).tobytes(),
        "text": b"the quick brown fox " * 2000,
    }
    for kind, raw in data.items():
        shape = {"compression": 5, "width": len(raw), "height": 1, "samplesPerPixel": 1, "bitsPerSample": 8}
        pixels = np.frombuffer(raw, "u1")
        encoded = ic.lzw_encode(raw)
        case(f"LZW {kind}", encoded, pixels, **shape)
        case(f"LZW {kind}, something behind", encoded + b"more", pixels, **shape)
        old = old_lzw(raw)
        assert ic.lzw_decode(old, out=len(raw)) == raw, kind
        case(f"old-style LZW {kind}", old, pixels, **shape)
        case(f"PackBits {kind}", ic.packbits_encode(raw), pixels, **{**shape, "compression": 32773})
        # The last strip is filled up to all its rows.
        taken = {**shape, "height": 1, "mostRows": 5}
        for compression, encode in {1: bytes, 5: ic.lzw_encode, 8: zlib.compress, 32773: ic.packbits_encode, 50000: ic.zstd_encode}.items():
            case(f"compression {compression}, {kind}, five rows for one", encode(raw * 5), pixels, **{**taken, "compression": compression})


def jpeg_segments(jpeg):
    """The marker segments of a JPEG before its scan, and the rest."""
    at, parts = 2, []
    while jpeg[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", jpeg[at + 2 : at + 4])
        parts.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return parts, jpeg[at:]


def without(jpeg, *markers):
    parts, scan = jpeg_segments(jpeg)
    return b"\xff\xd8" + b"".join(part for part in parts if part[1] not in markers) + scan


def jpeg():
    rgb = pattern("u1", 3)
    y, x = np.mgrid[0:64, 0:96]
    smooth = np.stack([(x * 2 + y) % 256, (x + y * 3) % 256, 128 + 100 * np.sin(x / 9)], -1).astype("u1")
    for (kind, data), level, cut in itertools.product({"noisy": rgb, "smooth": smooth}.items(), (60, 95, 100), ({"rowsperstrip": 16}, {"tile": (32, 32)}, {})):
        for subsampling in ("444", "422", "420", "411"):
            file_cases(
                f"JPEG {kind} {level} {subsampling} {cut}",
                data,
                compression="jpeg",
                compressionargs={"level": level},
                subsampling={"444": (1, 1), "422": (2, 1), "420": (2, 2), "411": (4, 1)}[subsampling],
                photometric="rgb",
                **cut,
            )
        file_cases(f"JPEG {kind} {level} gray {cut}", data[..., 0], compression="jpeg", compressionargs={"level": level}, **cut)
        file_cases(
            f"JPEG {kind} {level} planar {cut}",
            np.moveaxis(data, -1, 0),
            compression="jpeg",
            compressionargs={"level": level},
            photometric="rgb",
            planarconfig="separate",
            **cut,
        )
    shape = {"compression": 7, "width": 96, "height": 64, "samplesPerPixel": 3, "bitsPerSample": 8}
    # As Aperio writes RGB: nothing in the stream says so.
    raw = ic.jpeg8_encode(smooth, level=90, colorspace="RGB", outcolorspace="RGB")
    plain = without(raw, 0xE0, 0xEE)
    assert plain != raw
    case("JPEG RGB without markers", plain, ic.jpeg8_decode(plain, colorspace=2, outcolorspace=2), photometric=2, **shape)
    case("JPEG RGB with Adobe's marker", raw, ic.jpeg8_decode(raw), photometric=2, **shape)
    ycc = ic.jpeg8_encode(smooth, level=90, subsampling="420")
    expected = ic.jpeg8_decode(ycc)
    assert any(part[4:9] == b"JFIF\0" for part in jpeg_segments(ycc)[0])
    case("JFIF in a file that says RGB", ycc, expected, photometric=2, **shape)
    tall = ic.jpeg8_encode(smooth, level=90, subsampling="440")
    case("JPEG 440", tall, ic.jpeg8_decode(tall), photometric=6, **shape)
    bare = without(ycc, 0xE0, 0xEE)
    case("JPEG YCbCr without markers", bare, expected, photometric=6, **shape)
    case("JPEG without an end", bare[:-2], expected, photometric=6, **shape)
    case("JPEG with bytes behind its end", bare + b"\0\0\0\0", expected, photometric=6, **shape)
    parts, scan = jpeg_segments(bare)
    tables = b"\xff\xd8" + b"".join(part for part in parts if part[1] in (0xDB, 0xC4)) + b"\xff\xd9"
    own = b"\xff\xd8" + b"".join(part for part in parts if part[1] not in (0xDB, 0xC4)) + scan
    case("JPEG with shared tables", own, expected, photometric=6, jpegTables=tables, **shape)
    case("JPEG with shared tables and its own", bare, expected, photometric=6, jpegTables=tables, **shape)
    case("JPEG of more rows than the last strip", bare, expected[:50], photometric=6, **{**shape, "height": 50, "mostRows": 64})
    inside = np.zeros((80, 112, 3), "u1")
    inside[:64, :96] = expected
    case("JPEG of the part of a tile that is inside", bare, inside, photometric=6, **{**shape, "width": 112, "height": 80, "inside": {"width": 96, "height": 64}})
    try:
        from PIL import Image
    except ImportError:
        return
    for options in ({"progressive": True}, {"optimize": True}, {"restart_marker_blocks": 3}):
        file = io.BytesIO()
        Image.fromarray(smooth).save(file, "jpeg", quality=85, **options)
        data = file.getvalue()
        case(f"JPEG {options}", data, ic.jpeg8_decode(data), photometric=6, **shape)
    file = io.BytesIO()
    Image.fromarray(smooth).save(file, "tiff", compression="jpeg", quality=80)
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page = tiff.pages[0]
        for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
            file.seek(offset)
            raw = file.read(count)
            decoded, _, strip = page.decode(raw, index, jpegtables=page.jpegtables)
            case(
                f"JPEG of libtiff #{index}",
                raw,
                decoded,
                photometric=int(page.photometric),
                jpegTables=page.jpegtables,
                **{**shape, "width": strip[2], "height": strip[1]},
            )


def jpeg2000():
    for dtype, samples, cut in itertools.product(("u1", "u2", "i2"), (1, 3), ({"rowsperstrip": 16}, {"tile": (32, 32)}, {})):
        if dtype == "i2" and samples == 3:
            continue
        data = pattern(dtype, samples)
        for compression in ("jpeg2000", 33004, 33005):
            file_cases(f"JPEG 2000 {dtype} {samples} {compression} {cut}", data, compression=compression, photometric="rgb" if samples == 3 else "minisblack", **cut)
        file_cases(
            f"JPEG 2000 lossy {dtype} {samples} {cut}",
            data,
            # Both round floats in their own way.
            tolerance=1,
            compression="jpeg2000",
            compressionargs={"level": 40},
            photometric="rgb" if samples == 3 else "minisblack",
            **cut,
        )
    rgb = pattern("u1", 3)
    shape = {"width": WIDTH, "height": HEIGHT, "samplesPerPixel": 3, "bitsPerSample": 8}
    with_transform = ic.jpeg2k_encode(rgb, level=0, codecformat="j2k", mct=True)
    without_transform = ic.jpeg2k_encode(rgb, level=0, codecformat="j2k", mct=False)
    jp2 = ic.jpeg2k_encode(rgb, level=0, codecformat="jp2", mct=False)
    y, cb, cr = (rgb[..., k].astype("f8") for k in range(3))
    converted = np.stack([y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128), y + 1.772 * (cb - 128)], -1)
    converted = np.clip(np.round(converted), 0, 255).astype("u1")
    case("33003 of Bio-Formats: RGB with a transform", with_transform, rgb, compression=33003, photometric=2, **shape)
    case("33003 of Aperio: YCbCr without one", without_transform, converted, compression=33003, photometric=2, **shape)
    case("33003 in a JP2 file that says sRGB", jp2, rgb, compression=33003, photometric=2, **shape)
    case("33005 without a transform", without_transform, rgb, compression=33005, photometric=2, **shape)
    case("34712 of a file that says YCbCr", without_transform, converted, compression=34712, photometric=6, **shape)
    gray = pattern("u2", 1) >> 4
    twelve = ic.jpeg2k_encode(gray, level=0, codecformat="j2k", bitspersample=12)
    case("JPEG 2000 of 12 bits", twelve, gray, compression=34712, **{**shape, "samplesPerPixel": 1, "bitsPerSample": 16})


# Of openjpeg's opj_compress: 24 × 16 pixels, u@1x1:2x1:2x1 and u@1x1:2x2:2x2, no transform.
SUBSAMPLED = {
    "4:2:2": "/0//UQAvAAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAADBwEBBwIBBwIB/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAADcAAH/k9+CkBItpSioNGBPNKNnLMZtq/ebYH2DPkm5lpc/8xrYAynim6XppOtTtDKSaKS5/y6kx2YDDBNruWLyMGByr4FY8CEqu3eUb9qP+6qfru3cs4UvAz/H1DAsWk3JgC0gLIlh0GBQEK4cn1aG6VnP/3/H1DITzf6cJFgloPP1WocnQpFwsp2CPOTXQwI/z8BCPtEI/AJAgjSV6EPj40WVWdhDqiwZ14KO5PYqliI3y7khx3xPnIeCI5bPMI/4/3/AfCIALFr+f6A+EQA0IFl//9k=",
    "4:2:0": "/0//UQAvAAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAADBwEBBwICBwIC/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9wZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAADFAAH/k9+CkBItpSioNGBPNKNnLMZtq/ebYH2DPkm5lpc/8xrYAynim6XppOtTtDKSaKS5/y6kx2YDDBNruWLyMGByr4FY8CEqu3eUb9qP+6qfru3cs4UvAz/H1BwsVfUaiFgOgplOh0vCj8fUHBOMSY6mCqSZTsHtR6IRz8BCPtEI/AJAgjSV6EPj40WVWdhDqiwZ14KO5PYqliI3y7khx3xPnIeCI5bPMI/4/3/AfCGALFqPoHyAwADSWf/Z",
}


def subsampled():
    for name, text in SUBSAMPLED.items():
        data = base64.b64decode(text)
        shape = {"width": 24, "height": 16, "samplesPerPixel": 3, "bitsPerSample": 8}
        case(f"33003 of Aperio: YCbCr {name}", data, ic.jpeg2k_decode(data), compression=33003, photometric=2, **shape)


def webp():
    y, x = np.mgrid[0:40, 0:48]
    rgb = np.stack([(x * 5) % 256, (y * 6) % 256, (x + y) % 256], -1).astype("u1")
    alpha = np.concatenate([rgb, ((x * y) % 256).astype("u1")[..., None]], -1)
    for data, name in ((rgb, "RGB"), (alpha, "RGBA")):
        for cut in ({"tile": (16, 16)}, {"rowsperstrip": 16}, {}):
            file_cases(f"WebP lossless {name} {cut}", data, compression="webp", compressionargs={"lossless": True}, photometric="rgb", check=name == "RGB", **cut)
            file_cases(f"WebP lossy {name} {cut}", data, compression="webp", compressionargs={"level": 70}, photometric="rgb", **cut)
    opaque = ic.webp_encode(rgb, lossless=True)
    full = np.concatenate([rgb, np.full((40, 48, 1), 255, "u1")], -1)
    shape = {"width": 48, "height": 40, "bitsPerSample": 8, "photometric": 2}
    case("WebP without alpha in a file that has it", opaque, full, compression=50001, samplesPerPixel=4, **shape)
    case("WebP by its old number", opaque, rgb, compression=34927, samplesPerPixel=3, **shape)


def lerc():
    for dtype, samples, cut in itertools.product(("u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8"), (1, 3), ({"rowsperstrip": 10}, {"tile": (16, 32)})):
        data = pattern(dtype, samples)
        if np.dtype(dtype).kind == "f":
            data = np.nan_to_num(data, posinf=1, neginf=-1)
        for inner in (None, "deflate", "zstd"):
            file_cases(
                f"LERC {dtype} {samples} {inner} {cut}",
                data,
                compression="lerc",
                compressionargs=None if inner is None else {"compression": inner},
                photometric="rgb" if samples == 3 else "minisblack",
                **cut,
            )
    shape = {"compression": 34887, "width": WIDTH, "height": HEIGHT, "samplesPerPixel": 1}
    valid = np.random.default_rng(8).random((HEIGHT, WIDTH)) > 0.2
    floats = np.nan_to_num(pattern("f4", 1), posinf=1, neginf=-1)
    case(
        "LERC with invalid floats",
        ic.lerc_encode(floats, level=0, masks=valid),
        np.where(valid, floats, np.float32("nan")),
        bitsPerSample=32,
        sampleFormat="float",
        **shape,
    )
    rgb = pattern("u1", 3)
    alpha = np.concatenate([np.where(valid[..., None], rgb, 0), np.where(valid, 255, 0)[..., None]], -1).astype("u1")
    case(
        "LERC of bytes, whose mask is the last channel",
        ic.lerc_encode(rgb, level=0, masks=valid),
        alpha,
        bitsPerSample=8,
        **{**shape, "samplesPerPixel": 4},
    )
    for dtype in ("u2", "i4"):
        data = pattern(dtype, 1)
        # libtiff and GDAL swap the bytes of samples before they encode them.
        encoded = ic.lerc_encode(data.byteswap(), level=0)
        case(f"LERC {dtype} in a big-endian file", encoded, data, bitsPerSample=data.itemsize * 8, sampleFormat="int" if dtype == "i4" else "uint", littleEndian=False, **shape)
    lossy = pattern("f8", 1)
    lossy = np.nan_to_num(lossy, posinf=1, neginf=-1)
    encoded = ic.lerc_encode(lossy, level=0.01)
    case("LERC with a tolerance", encoded, ic.lerc_decode(encoded), bitsPerSample=64, sampleFormat="float", **shape)


def kept(name):
    """Whether the unit tests keep a segment: one of each kind that they cannot write themselves."""
    starts = ("33003", "33005 without", "34712 of", "JPEG RGB", "JPEG YCbCr", "JPEG with", "JFIF", "JPEG {", "JPEG of", "WebP w", "WebP by", "LERC with", "LERC of", "old-style LZW text", "old-style LZW one byte")
    names = (
        "JPEG 440",
        "JPEG smooth 95 gray {} #0",
        "JPEG smooth 60 411 {} #0",
        "JPEG 2000 i2 1 jpeg2000 {} #0",
        "JPEG 2000 u2 3 jpeg2000 {'tile': (32, 32)} #3",
        "JPEG 2000 of 12 bits",
        "WebP lossless RGB {} #0",
        "WebP lossy RGBA {} #0",
        "LERC u2 1 zstd {'rowsperstrip': 10} #3",
        "LERC f8 3 deflate {'tile': (16, 32)} #5",
        "LERC u2 in a big-endian file",
    )
    return name.startswith(starts) or name in names


if __name__ == "__main__":
    if sys.argv[1] == "all":
        bytes_codecs()
        packed_samples()
        fill_order()
    lzw_kinds()
    jpeg()
    jpeg2000()
    subsampled()
    webp()
    lerc()
    whole = blob.getvalue()
    if sys.argv[1] == "all":
        with open(f"{sys.argv[2]}/segments.bin", "wb") as file:
            file.write(whole)
    else:

        def encoded(place):
            return base64.b64encode(whole[place[0] : place[0] + place[1]]).decode()

        cases = [one for one in cases if kept(one["name"])]
        for one in cases:
            one["encoded"] = encoded(one["encoded"])
            at, length = one["decoded"]
            one["decoded"] = hashlib.sha256(whole[at : at + length]).hexdigest()
            if "jpegTables" in one["layout"]:
                one["layout"]["jpegTables"] = encoded(one["layout"]["jpegTables"])
    print(json.dumps(cases))
