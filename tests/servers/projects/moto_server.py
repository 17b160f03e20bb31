"""moto's own server, with one thing mended: where AWS refuses a call of a service
that speaks JSON, it says so in JSON with status 400, and moto answers in XML.
<https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html>
"""

import json

from flask import has_request_context, request
from moto.core import exceptions
from moto.server import main

NAMES = {
    "AccessDeniedError": "AccessDeniedException",
    "SignatureDoesNotMatchError": "InvalidSignatureException",
    "InvalidClientTokenIdError": "UnrecognizedClientException",
}


def mend(kind, name):
    made = kind.__init__

    def init(self, *args, **named):
        made(self, *args, **named)
        if has_request_context() and "X-Amz-Target" in request.headers:
            self.code = 400
            self.error_type = name
            self.description = json.dumps({"__type": name, "Message": self.message})
            self.content_type = "application/x-amz-json-1.1"

    kind.__init__ = init


for kind, name in NAMES.items():
    mend(getattr(exceptions, kind), name)
main()
