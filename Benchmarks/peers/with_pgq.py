"""PgQ (https://github.com/pgq/pgq), Debian's postgresql-15-pgq3, through asyncpg: its interface is SQL.

Settings, from its documentation: producers call `pgq.insert_event`; a ticker makes batches (here after every 500 events, which is
`ticker_max_count`'s default, or a second, which is the ticker daemon's); the consumer reads a batch whole, does the work and
finishes the batch. A queue has one reader for each registered consumer, so that only one process works.
"""

import asyncio
import json

import asyncpg

PACKAGE = None
CONTRACT = "committed before insert_event returns; a batch finished as a whole, and read again as a whole after a crash"
PROCESSES = 1
QUEUE = "mail"


class Peer:
    def __init__(self, dsn):
        self._dsn = dsn

    async def open(self, connections):
        self._pool = await asyncpg.create_pool(self._dsn, min_size=connections, max_size=connections)

    async def install(self):
        async with self._pool.acquire() as connection:
            await connection.execute("CREATE EXTENSION pgq")
            await connection.execute("SELECT pgq.create_queue($1)", QUEUE)
            await connection.execute("SELECT pgq.register_consumer($1, 'worker')", QUEUE)

    async def version(self):
        return await self._pool.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'pgq'")

    async def put(self, message):
        await self._pool.execute("SELECT pgq.insert_event($1, 'mail', $2)", QUEUE, json.dumps(message))

    async def put_many(self, messages):
        await self._pool.execute(
            "SELECT pgq.insert_event($1, 'mail', data) FROM unnest($2::text[]) AS data",
            QUEUE,
            [json.dumps(message) for message in messages],
        )

    async def filled(self):
        """After each batch of a backlog that is put there ahead: what the ticker would have done meanwhile."""
        await self._pool.execute("SELECT pgq.force_tick($1)", QUEUE)
        await self._pool.execute("SELECT pgq.ticker($1)", QUEUE)

    async def work(self, concurrency, finish):
        gate = asyncio.Semaphore(concurrency)

        async def one(data):
            async with gate:
                await finish(json.loads(data))

        ticker = asyncio.create_task(self._tick())
        while True:
            batch = await self._pool.fetchval("SELECT pgq.next_batch($1, 'worker')", QUEUE)
            if batch is None:
                await asyncio.sleep(0.1)
                continue
            events = await self._pool.fetch("SELECT ev_data FROM pgq.get_batch_events($1)", batch)
            await asyncio.gather(*(one(event["ev_data"]) for event in events))
            await self._pool.execute("SELECT pgq.finish_batch($1)", batch)
            if ticker.done():
                ticker.result()

    async def _tick(self):
        while True:
            await self._pool.execute("SELECT pgq.ticker()")
            await asyncio.sleep(1)
