"""The signed-in person as the API shows them."""

from auth_service.auth_core.database.models import AuthUser
from backend.app.auth.models import CurrentUser


def test_shows_an_admin():
    user = AuthUser(id=1, name="ada", password_hash="", roles=("member", "admin"))
    assert CurrentUser.of(user) == CurrentUser(name="ada", is_admin=True)
