"""What the container starts: `uvicorn backend.app.main:app`."""

import os

from backend.app.core.app_factory import create_app
from backend.app.core.settings import Settings

app = create_app(Settings.from_env(os.environ))
