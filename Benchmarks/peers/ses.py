"""How a job hands its message to SES: with boto3, as most people do, or with aiohttp, which is quicker."""

import asyncio
import concurrent.futures
import json
import os

REGION = "eu-central-1"


class Boto3:
    """One client for all threads (it is thread-safe), as many connections as jobs run at once, no retries of its own."""

    def __init__(self, url, concurrency):
        import boto3
        from botocore.config import Config

        self._client = boto3.client(
            "sesv2",
            region_name=REGION,
            endpoint_url=url,
            config=Config(max_pool_connections=concurrency, retries={"max_attempts": 1, "mode": "standard"}),
        )
        self._threads = concurrent.futures.ThreadPoolExecutor(concurrency)

    def _send(self, message):
        self._client.send_email(
            FromEmailAddress=message["from"],
            Destination={"ToAddresses": message["to"]},
            Content={
                "Simple": {"Subject": {"Data": message["subject"]}, "Body": {"Text": {"Data": message["text"]}}}
            },
        )

    async def send(self, message):
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)


class Aiohttp:
    """The same call, signed by botocore, over an asyncio client: what somebody writes who has measured boto3."""

    def __init__(self, url, concurrency):
        from botocore.auth import SigV4Auth
        from botocore.credentials import Credentials

        self._url = url + "/v2/email/outbound-emails"
        self._concurrency = concurrency
        self._session = None
        self._signer = SigV4Auth(
            Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]), "ses", REGION
        )

    async def send(self, message):
        import aiohttp
        from botocore.awsrequest import AWSRequest

        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self._concurrency))
        body = json.dumps(
            {
                "FromEmailAddress": message["from"],
                "Destination": {"ToAddresses": message["to"]},
                "Content": {
                    "Simple": {"Subject": {"Data": message["subject"]}, "Body": {"Text": {"Data": message["text"]}}}
                },
            }
        )
        request = AWSRequest("POST", self._url, data=body, headers={"Content-Type": "application/json"})
        self._signer.add_auth(request)
        async with self._session.post(self._url, data=body, headers=dict(request.headers)) as answer:
            if answer.status != 200:
                raise RuntimeError(f"SES answered {answer.status}: {await answer.text()}")
            await answer.read()


CLIENTS = {"boto3": Boto3, "aiohttp": Aiohttp}
