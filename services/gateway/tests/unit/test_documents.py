"""What people and programs read about the API."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from babbitt.gateway.application import make_application
from babbitt.gateway.system.roster import Roster
from babbitt.gateway.system.routes import system_routes

HERE = "http://gateway.test"


class Addresses(HTMLParser):
    """What a page loads."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in {"src", "href"}]


async def test_the_page_of_the_api_needs_no_network_but_the_gateway():
    application = make_application([system_routes(Roster())], [], kafka_prefix="")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=HERE) as client:
        page = (await client.get("/docs")).text
        loaded = Addresses()
        loaded.feed(page)
        assert len(loaded.found) >= 2
        for address in loaded.found:
            assert urlsplit(urljoin(HERE, address)).netloc == "gateway.test", address
            assert (await client.get(address)).status_code == 200, address
    assert re.findall(r"https?://[^'\"\s]+", page) == []
    assert '"validatorUrl": null' in page
