"""What stands for a service while the stack's own machinery is tested: it tells its environment, and is ready."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(os.environ["STANDIN_FOLDER"])


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *told):
        pass


def main(service):
    if sys.argv[1:2] == ["migrate"]:
        (FOLDER / f"{service}.migrated").touch()
    elif sys.argv[1:3] == ["keys", "create"]:
        sys.stdout.write("bbt_one_secret\n")
    else:
        if os.environ.get("STANDIN_FAILS") == service:
            sys.exit("the database refuses this role")
        ours = {name: value for name, value in os.environ.items() if name.startswith(("BABBITT_", "ORT_"))}
        (FOLDER / f"{os.environ['BABBITT_INSTANCE']}.json").write_text(json.dumps(ours))
        port = os.environ["BABBITT_GATEWAY_PORT" if service == "gateway" else "BABBITT_HEALTH_PORT"]
        ThreadingHTTPServer(("127.0.0.1", int(port)), Health).serve_forever()
