"""Sessions, before they moved to auth_service.core."""
