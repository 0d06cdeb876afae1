"""pgmq (https://github.com/pgmq/pgmq), by its Python client, with the SQL-only installation that the client ships.

Settings, from the client's README: the asyncpg client with `send` and `send_batch`; consumers `read` a batch with a visibility
timeout, do the work, and `delete_batch` what is done. The loop around that is the user's own, as its README has it.
"""

import asyncio

import asyncpg
from pgmq.async_queue import PGMQueue
from pgmq.install import get_embedded_install_sql

PACKAGE = "pgmq"
CONTRACT = "committed before send returns; deleted after the batch; no retries or scheduling of its own"
PROCESSES = 2
QUEUE = "mail"


class Peer:
    def __init__(self, dsn):
        self._dsn = dsn

    async def open(self, connections):
        self._pool = await asyncpg.create_pool(self._dsn, min_size=connections, max_size=connections)
        self._queue = PGMQueue(pool=self._pool, init_extension=False)
        await self._queue.init()

    async def install(self):
        async with self._pool.acquire() as connection:
            await connection.execute(get_embedded_install_sql())
        await self._queue.create_queue(QUEUE)

    async def put(self, message):
        await self._queue.send(QUEUE, message)

    async def put_many(self, messages):
        await self._queue.send_batch(QUEUE, messages)

    async def work(self, concurrency, finish):
        # Two loops, so that one batch is read and deleted while the other's messages are on their way.
        await asyncio.gather(*(self._consume(max(1, concurrency // 2), finish) for _ in range(2)))

    async def _consume(self, batch, finish):
        while True:
            messages = await self._queue.read(QUEUE, vt=30, qty=batch) or []
            if not messages:
                await asyncio.sleep(0.1)
                continue
            await asyncio.gather(*(finish(message.message) for message in messages))
            await self._queue.delete_batch(QUEUE, [message.msg_id for message in messages])
