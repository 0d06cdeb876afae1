"""awa (https://github.com/hardbyte/awa), the Python client `awa-pg` on its Rust core.

Settings, from its "Getting started (Python)" and the package's README: `migrate` installs the queue-storage engine; producers
`insert` one job, or `enqueue_many_copy` for high volume; a worker process `start`s the queue with as many workers as jobs may run
at once. The pool is as large as the others'.
"""

import asyncio
from dataclasses import dataclass

from awa import AsyncClient

PACKAGE = "awa-pg"
CONTRACT = "committed before insert returns; completion appended after the job, in batches"
PROCESSES = 2
QUEUE = "mail"


@dataclass
class Mail:
    message: dict


class Peer:
    def __init__(self, dsn):
        # Its URLs need a host, which the socket's folder then replaces.
        self._dsn = dsn.replace("@/", "@localhost/")

    async def open(self, connections):
        self._client = AsyncClient(self._dsn, max_connections=connections)

    async def install(self):
        await self._client.migrate()
        # What the first worker of a new installation does when it starts.
        await self._client.install_queue_storage()

    async def put(self, message):
        await self._client.insert(Mail(message), queue=QUEUE)

    async def put_many(self, messages):
        await self._client.enqueue_many_copy([Mail(message) for message in messages], queue=QUEUE)

    async def work(self, concurrency, finish):
        @self._client.task(Mail, queue=QUEUE)
        async def mail(job):
            await finish(job.args.message)

        await self._client.start([(QUEUE, concurrency)])
        await asyncio.Event().wait()
