"""What the container starts: `uvicorn auth_service.main:app`."""

import os

from auth_service.core.app_factory import create_app
from auth_service.core.settings import Settings

app = create_app(Settings.from_env(os.environ))
