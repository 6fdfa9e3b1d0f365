"""Links of an account to what its person is at another organisation (accounts.sso)."""

from django.db import connection

from accounts.models import User

LINKS = "socialaccount_socialaccount"
OF_THE_PERSON = {
    "socialaccount_socialtoken": f"account_id IN (SELECT id FROM {LINKS} WHERE user_id = %s)",  # noqa: S608
    LINKS: "user_id = %s",
}
"""Where, by table. They are there as well where single sign-on was set up once; then no model knows them."""


def forget_links(person: User) -> None:
    """The other organisation opens this account no more."""
    there = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, where in OF_THE_PERSON.items():
            if table in there:
                cursor.execute(f"DELETE FROM {table} WHERE {where}", [person.pk])  # noqa: S608 - ours
