"""A small backend: it wants two keys in its environment or its .env file, and serves / and /docs on port 8000."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEYS = ("OPENAI_API_KEY", "GEMINI_API_KEY")
PORT = 8000
DOCS = """<!doctype html>
<html lang="en">
<title>Customer support API</title>
<h1>Customer support API</h1>
<ul>
  <li><code>GET /</code> the state of the server</li>
  <li><code>GET /docs</code> this page</li>
</ul>
</html>
"""


def read_env_file(path: Path) -> dict[str, str]:
    """The KEY=value lines of a .env file."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("'\"") for key, _, value in pairs}


class Backend(BaseHTTPRequestHandler):
    """Answers the two addresses that there are."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, "application/json", json.dumps({"status": "ok"}))
        elif self.path == "/docs":
            self.answer(200, "text/html; charset=utf-8", DOCS)
        else:
            self.answer(404, "application/json", json.dumps({"error": "not found"}))

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    values = {**read_env_file(Path(".env")), **os.environ}
    missing = [key for key in KEYS if not values.get(key)]
    if missing:
        sys.exit(f"missing in .env: {', '.join(missing)}")
    with ThreadingHTTPServer(("127.0.0.1", PORT), Backend) as server:
        print(f"listening on http://localhost:{PORT}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
