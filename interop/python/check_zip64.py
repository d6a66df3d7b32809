"""Checks that an archive uses ZIP64 in every record: check_zip64.py ARCHIVE

A parser written from APPNOTE.TXT 6.3.10 alone, which reads the file from the first byte to the last: sizes in every local
header, sizes and offset in every central header, the ZIP64 end record with its locator, sentinels in all 32-bit fields,
and no gaps. Prints the number of entries.
"""

import struct
import sys
import zlib

U16, U32 = 0xFFFF, 0xFFFFFFFF
VERSION_ZIP64 = 45
DOS_1980_01_01 = 0x0021
ENCRYPTED, DESCRIPTOR = 1 << 0, 1 << 3


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    at, entries = 0, []
    while data[at : at + 4] == b"PK\x03\x04":
        at = local_entry(data, at, entries)
    start = at
    # Generated entries are in another order than in the directory.
    by_offset = {entry[3]: entry for entry in entries}
    for _ in entries:
        at = central_header(data, at, by_offset)
    expect(not by_offset, f"the central directory does not list {by_offset}")
    at = ends(data, at, start, len(entries))
    expect(at == len(data), f"{len(data) - at} bytes follow the archive")
    print(len(entries))


def local_entry(data, at, entries):
    """4.3.7: signature, version, flags, method, time, date, CRC, sizes, lengths of name and extra field."""
    where = f"local header at {at}"
    version, flags, method, time, date, crc, packed, size, name_length, extra_length = struct.unpack_from(
        "<HHHHHIIIHH", data, at + 4
    )
    common(where, version, flags, method, time, date)
    expect(packed == U32 and size == U32, f"{where} has no sentinels for its sizes")
    name_at = at + 30
    name = data[name_at : name_at + name_length]
    extra = extra_field(where, data[name_at + name_length : name_at + name_length + extra_length])
    # 4.5.3: in a local header this field must hold both sizes, and nothing else.
    expect(len(extra) == 16, f"{where} has a ZIP64 field of {len(extra)} bytes")
    size, packed = struct.unpack("<QQ", extra)
    expect(size == packed, f"{where} is stored with two sizes, {size} and {packed}")
    begin = name_at + name_length + extra_length
    content = data[begin : begin + size]
    expect(len(content) == size, f"{where} promises more bytes than there are")
    expect(zlib.crc32(content) == crc, f"{where} has a wrong CRC-32")
    entries.append((name, crc, size, at, flags))
    return begin + size


def central_header(data, at, by_offset):
    """4.3.12: as the local header, and comment, disk, attributes, offset."""
    where = f"central header at {at}"
    expect(data[at : at + 4] == b"PK\x01\x02", f"{where} is not there")
    fields = struct.unpack_from("<HHHHHHIIIHHHHHII", data, at + 4)
    made_by, version, flags, method, time, date, crc, packed, size = fields[:9]
    name_length, extra_length, comment_length, disk, _, _, offset = fields[9:]
    common(where, version, flags, method, time, date)
    expect(made_by & 0xFF >= VERSION_ZIP64, f"{where} is made by version {made_by & 0xFF}")
    expect(packed == U32 and size == U32 and offset == U32, f"{where} lacks sentinels")
    expect(disk == 0 and comment_length == 0, f"{where} has a disk number or a comment")
    name = data[at + 46 : at + 46 + name_length]
    extra = extra_field(where, data[at + 46 + name_length : at + 46 + name_length + extra_length])
    expect(len(extra) == 24, f"{where} has a ZIP64 field of {len(extra)} bytes")
    size, packed, offset = struct.unpack("<QQQ", extra)
    expect(size == packed, f"{where} is stored with two sizes, {size} and {packed}")
    found = (name, crc, size, offset, flags)
    expected = by_offset.pop(offset, None)
    expect(found == expected, f"{where} says {found}, and the local header {expected}")
    return at + 46 + name_length + extra_length


def ends(data, at, start, count):
    """4.3.14 ZIP64 end record, 4.3.15 its locator, 4.3.16 end record."""
    length = at - start
    signature, rest, _, version, disk, first, here, total, size, offset = struct.unpack_from(
        "<4sQHHIIQQQQ", data, at
    )
    expect(signature == b"PK\x06\x06", f"no ZIP64 end record at {at}")
    expect(rest == 44 and version == VERSION_ZIP64, "the ZIP64 end record is of another kind")
    expect((disk, first) == (0, 0), "the ZIP64 end record speaks of several disks")
    expect((here, total) == (count, count), f"{count} entries, but {here} and {total} in the ZIP64 end record")
    expect((size, offset) == (length, start), "the ZIP64 end record has the directory elsewhere")
    signature, disk, offset, disks = struct.unpack_from("<4sIQI", data, at + 56)
    expect(signature == b"PK\x06\x07", "no ZIP64 locator behind the ZIP64 end record")
    expect((disk, offset, disks) == (0, at, 1), "the ZIP64 locator points elsewhere")
    signature, disk, first, here, total, size, offset, comment = struct.unpack_from("<4sHHHHIIH", data, at + 76)
    expect(signature == b"PK\x05\x06", "no end record behind the ZIP64 locator")
    expect((disk, first) == (0, 0), "the end record speaks of several disks")
    expect((here, total, size, offset) == (U16, U16, U32, U32), "the end record lacks sentinels")
    return at + 98 + comment


def common(where, version, flags, method, time, date):
    expect(version == VERSION_ZIP64, f"{where} needs version {version}")
    expect(not flags & (ENCRYPTED | DESCRIPTOR), f"{where} has flags {flags:#x}")
    expect(method == 0, f"{where} is compressed, method {method}")
    expect((time, date) == (0, DOS_1980_01_01), f"{where} has a timestamp")


def extra_field(where, extra):
    """The content of the ZIP64 field (4.5.3), which must be the only one."""
    expect(len(extra) >= 4, f"{where} has no extra field")
    kind, length = struct.unpack_from("<HH", extra)
    expect(kind == 0x0001 and length == len(extra) - 4, f"{where} has other extra fields")
    return extra[4:]


def expect(condition, otherwise):
    if not condition:
        sys.exit(otherwise)


main()
