"""PgQueuer (https://pgqueuer.readthedocs.io).

Settings, from its guide "Performance Tuning": `pgq autovac` after the installation; an asyncpg pool for producers and, because
many jobs run at once, for the queue manager; `batch_size` above the default of 10 because jobs are short; `max_concurrent_tasks`
at least twice that. Durability is the default, `durable`. Many jobs are enqueued in one call with lists.
"""

import json
from datetime import timedelta

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.queries import Queries

PACKAGE = "pgqueuer"
CONTRACT = "committed before enqueue returns; deleted and logged after the job"
PROCESSES = 2


class Peer:
    def __init__(self, dsn):
        self._dsn = dsn

    async def open(self, connections):
        self._pool = await asyncpg.create_pool(self._dsn, min_size=connections, max_size=connections)
        self._queries = Queries(AsyncpgPoolDriver(self._pool))

    async def install(self):
        await self._queries.install()
        await self._queries.optimize_autovacuum()

    async def put(self, message):
        await self._queries.enqueue("mail", json.dumps(message).encode())

    async def put_many(self, messages):
        count = len(messages)
        await self._queries.enqueue(["mail"] * count, [json.dumps(m).encode() for m in messages], [0] * count)

    async def work(self, concurrency, finish):
        queue = PgQueuer(AsyncpgPoolDriver(self._pool))

        @queue.entrypoint("mail")
        async def mail(job):
            await finish(json.loads(job.payload))

        batch = max(1, concurrency // 2)
        await queue.run(batch_size=batch, max_concurrent_tasks=2 * batch, dequeue_timeout=timedelta(seconds=1))
