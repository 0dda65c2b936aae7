"""Drains a queue with the official package, as many threads side by side as asked for.

Arguments: connection string, queue, messages, threads. Prints seconds, messages and distinct events as JSON.
"""

import base64
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from azure.storage.queue import QueueClient

# Azurite does not know the newest one yet.
API_VERSION = "2025-07-05"

connection_string, queue, expected, threads = sys.argv[1:]
expected = int(expected)
ids = []


def work(client):
    while len(ids) < expected:
        # Each thread takes 32, which may wait longer than the usual 30 seconds.
        page = client.receive_messages(
            messages_per_page=32, max_messages=32, visibility_timeout=600
        )
        for message in page:
            event = json.loads(base64.b64decode(message.content))
            client.delete_message(message)
            ids.append(event["id"])


clients = [
    QueueClient.from_connection_string(connection_string, queue, api_version=API_VERSION)
    for _ in range(int(threads))
]
start = time.perf_counter()
with ThreadPoolExecutor(len(clients)) as pool:
    # Whatever one of them raises is raised here.
    list(pool.map(work, clients))
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "messages": len(ids), "distinct": len(set(ids))}))
