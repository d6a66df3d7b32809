"""Runs one contender in a process of its own: read_job.py CONTENDER CASE PATH CHUNKS READS"""
import asyncio
import json
import multiprocessing
import resource
import sys
import time
import zipfile


def chunk_name(index):
    return f"0/c/0/{index // 1000}/{index % 1000}"


def random_chunks(count, reads, seed=1):
    state = seed
    for _ in range(reads):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        yield chunk_name(int(state / 2**32 * count))


class ZipFileReader:
    """Python's own module, without an event loop."""

    def open(self, path):
        self.archive = zipfile.ZipFile(path)

    def read(self, names):
        for name in names:
            assert self.archive.read(name)


class ZarrReader:
    """zarr-python's store. All reads are made in one event loop, as its arrays make them: a loop for each read would
    cost more than the read."""

    def open(self, path):
        from zarr.core.buffer import default_buffer_prototype
        from zarr.storage import ZipStore

        self.loop = asyncio.new_event_loop()
        self.prototype = default_buffer_prototype()
        self.store = self.loop.run_until_complete(ZipStore.open(path, mode="r"))

    def read(self, names):
        async def read_all():
            for name in names:
                assert (await self.store.get(name, self.prototype)).to_bytes()

        self.loop.run_until_complete(read_all())


READERS = {"zipfile": ZipFileReader, "zarr-python": ZarrReader}


def open_reader(contender, path):
    reader = READERS[contender]()
    reader.open(path)
    return reader


def read_some(job):
    contender, path, chunks, reads, seed = job
    open_reader(contender, path).read(random_chunks(chunks, reads, seed))


def main():
    contender, case, path, chunks, reads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    more = {}
    if case == "threads":
        jobs = [(contender, path, chunks, reads // 4, seed) for seed in (1, 2, 3, 4)]
        # Spawned, because forked processes share the position of their file handles.
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            pool.map(read_some, jobs, 1)
        # The memory of the other processes is not measured.
        more = {"rss": None}
    else:
        reader = open_reader(contender, path)
        if case == "open":
            reader.read([chunk_name(chunks >> 1)])
        else:
            opened = time.perf_counter()
            reader.read(random_chunks(chunks, reads))
            more = {"microseconds": (time.perf_counter() - opened) * 1e6 / reads}
    seconds = time.perf_counter() - started
    rss = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"milliseconds": seconds * 1000, "rss": rss, **more}))


if __name__ == "__main__":
    main()
