"""Runs an event loop during import and leaves another one running in a thread."""

import asyncio
import threading


async def main():
    await asyncio.sleep(0)


asyncio.run(main())
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
