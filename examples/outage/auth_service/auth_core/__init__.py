"""What is left of the old package; its parts move to auth_service.core."""
