"""Measures a queue library: bench_peer.py LIBRARY install|fill|put|work --dsn DSN ... (--help for more).

Started by `Benchmarks/run b2` and `b3`. `put` and `work` say `ready` when every process has its connections, start at SIGUSR1,
and print one line of JSON; their connections stay open until they are killed, so that closing them is not measured.
"""

import argparse
import asyncio
import ctypes
import gc
import importlib
import importlib.metadata
import json
import logging
import multiprocessing
import os
import resource
import signal
import time

import uvloop

from payload import message
from ses import CLIENTS

LIBRARIES = ["pgqueuer", "procrastinate", "pgmq", "awa", "pgq"]
FILL = 500


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("what", choices=["install", "fill", "put", "work"])
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--messages", type=int, default=0, help="fill: how many; work: how many there are")
    parser.add_argument("--seconds", type=float, default=10, help="the longest time that is measured")
    parser.add_argument("--batch", type=int, default=1, help="put: messages in one call")
    parser.add_argument("--concurrency", type=int, default=64, help="producers, or jobs at once, over all processes")
    parser.add_argument("--url", help="work: where SES is")
    parser.add_argument("--client", choices=list(CLIENTS), default="boto3")
    return parser.parse_args()


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Process:
    """One of the processes that work together: what it does, and what it counted."""

    def __init__(self, options, module, share, go, done, ready):
        self.options = options
        self.module = module
        self.share = share
        self.go = go
        self.done = done
        self.ready = ready
        self.count = 0

    def run(self, results):
        # An exception ends the process, which the first one notices.
        results.put(uvloop.run(self._measure()))
        # Until it is killed.
        time.sleep(3600)

    async def _measure(self):
        peer = self.module.Peer(self.options.dsn)
        await peer.open(self.share)
        if self.options.what == "put":
            # Every connection has prepared its statements, and its backend has read the catalogue.
            await asyncio.gather(*(self._put_one(peer) for _ in range(self.share)))
            self.count = 0
        work = self._put(peer) if self.options.what == "put" else self._work(peer)
        gc.collect()
        gc.freeze()
        self.ready.release()
        while not self.go.is_set():
            await asyncio.sleep(0.001)
        processor, start = processor_seconds(), time.monotonic()
        await work
        return {
            "messages": self.count,
            "seconds": time.monotonic() - start,
            "processor": processor_seconds() - processor,
        }

    async def _put(self, peer):
        end = time.monotonic() + self.options.seconds

        async def producer():
            while time.monotonic() < end:
                await self._put_one(peer)

        await asyncio.gather(*(producer() for _ in range(self.share)))

    async def _put_one(self, peer):
        batch = self.options.batch
        if batch == 1:
            await peer.put(message())
        else:
            await peer.put_many([message() for _ in range(batch)])
        self.count += batch

    async def _work(self, peer):
        ses = CLIENTS[self.options.client](self.options.url, self.share)
        end = time.monotonic() + self.options.seconds

        async def finish(content):
            await ses.send(content)
            self.count += 1
            with self.done.get_lock():
                self.done.value += 1

        worker = asyncio.ensure_future(peer.work(self.share, finish))
        while time.monotonic() < end and self.done.value < self.options.messages:
            await asyncio.wait([worker], timeout=0.005)
            if worker.done():
                worker.result()
                raise RuntimeError("the worker ended by itself")


def measure(options, module):
    context = multiprocessing.get_context("spawn")
    go, done, ready, results = context.Event(), context.Value("q", 0), context.Semaphore(0), context.SimpleQueue()
    processes = 1 if options.what == "work" and module.PROCESSES == 1 else 2
    share = max(1, options.concurrency // processes)
    children = [
        context.Process(target=child, args=(options, share, go, done, ready, results), daemon=True)
        for _ in range(processes)
    ]
    for one in children:
        one.start()

    def waited(check):
        while not check():
            if any(one.exitcode is not None for one in children):
                raise SystemExit("a process ended before it had measured anything")
            time.sleep(0.002)

    for _ in children:
        waited(lambda: ready.acquire(block=False))
    print("ready", flush=True)
    signal.sigwait({signal.SIGUSR1})
    go.set()
    found = []
    while len(found) < processes:
        waited(lambda: not results.empty())
        found.append(results.get())
    print(
        json.dumps(
            {
                "messages": sum(one["messages"] for one in found),
                "seconds": max(one["seconds"] for one in found),
                "processor": sum(one["processor"] for one in found),
                "processes": processes,
                "contract": module.CONTRACT,
                "version": importlib.metadata.version(module.PACKAGE) if module.PACKAGE else "",
            }
        ),
        flush=True,
    )
    signal.pause()


def child(options, share, go, done, ready, results):
    # It goes when the one goes that is killed (PR_SET_PDEATHSIG).
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    logging.disable(logging.WARNING)
    Process(options, importlib.import_module("with_" + options.library), share, go, done, ready).run(results)


async def prepare(options, module):
    peer = module.Peer(options.dsn)
    await peer.open(2)
    if options.what == "install":
        await peer.install()
    left = options.messages if options.what == "fill" else 0
    while left > 0:
        count = min(left, FILL)
        await peer.put_many([message() for _ in range(count)])
        if hasattr(peer, "filled"):
            await peer.filled()
        left -= count


def main():
    options = arguments()
    # Not delivered, but waited for; set before anything starts a thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    logging.disable(logging.WARNING)
    module = importlib.import_module("with_" + options.library)
    if options.what in ("install", "fill"):
        uvloop.run(prepare(options, module))
        os._exit(0)
    measure(options, module)


if __name__ == "__main__":
    main()
