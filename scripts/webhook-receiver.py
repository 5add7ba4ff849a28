#!/usr/bin/env python3
"""Takes webhooks and pushes, and prints each message once, in order: WEBHOOK_SECRET=whsec_… webhook-receiver.py PORT"""
import base64, hmac, http.server, json, os, sys, time

key = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # ids; a receiver that may be restarted keeps them with what it made of the messages


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        id, at, given = (self.headers.get("webhook-" + name, "") for name in ("id", "timestamp", "signature"))
        signed = base64.b64encode(hmac.digest(key, f"{id}.{at}.".encode() + body, "sha256")).decode()
        genuine = any(hmac.compare_digest(f"v1,{signed}".encode(), one.encode()) for one in given.split())  # two while a secret is changed
        taken = genuine and abs(time.time() - int(at)) < 300  # nobody else's, and nothing kept to be sent again later
        if taken and id not in seen:  # what comes again is taken, and does nothing
            seen.add(id)
            message = json.loads(body)
            data, step = message["data"], message["data"].get("step", {})
            print(*filter(None, (message["type"], data.get("sequence") or data.get("text"), step.get("action"), step.get("to"))), flush=True)
        self.send_response(204 if taken else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
