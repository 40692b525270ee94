"""Whether the program runs and can take calls, as load balancers ask it."""

import pytest

from tests.console.whole_web import web


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_whoever_asks_with_head_gets_the_status_that_get_has(tmp_path, path):
    async with web(tmp_path) as client:
        got, asked = await client.get(path), await client.head(path)
        assert got.status_code in (200, 503)
        assert asked.status_code == got.status_code
