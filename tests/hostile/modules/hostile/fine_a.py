"""Does nothing wrong."""

import json

SETTINGS = json.loads('{"debug": false}')
