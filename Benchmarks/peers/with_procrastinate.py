"""Procrastinate (https://procrastinate.readthedocs.io).

Settings, from its guides "Launch multiple jobs in parallel" (one asyncio worker with `concurrency`) and "Batch defer": the async
connector, whose pool has a connection for each job that runs; jobs of a batch in one `batch_defer_async`. Finished jobs stay in
their table, which is the default.
"""

from procrastinate import App, PsycopgConnector

PACKAGE = "procrastinate"
CONTRACT = "committed before defer returns; marked as succeeded after the job"
PROCESSES = 2


class Peer:
    def __init__(self, dsn):
        self._dsn = dsn

    async def open(self, connections):
        self._app = App(connector=PsycopgConnector(conninfo=self._dsn, min_size=connections, max_size=connections))

        @self._app.task(name="mail", queue="mail")
        async def mail(message):
            await self._finish(message)

        self._mail = mail
        await self._app.open_async()

    async def install(self):
        await self._app.schema_manager.apply_schema_async()

    async def put(self, message):
        await self._mail.defer_async(message=message)

    async def put_many(self, messages):
        await self._mail.batch_defer_async(*({"message": message} for message in messages))

    async def work(self, concurrency, finish):
        self._finish = finish
        await self._app.run_worker_async(
            queues=["mail"], concurrency=concurrency, wait=True, install_signal_handlers=False
        )
