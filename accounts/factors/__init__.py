"""The second step of signing in: apps that show codes, passkeys, recovery codes, and who must have one.

django-allauth keeps and checks them; here is what differs: how secrets are kept, that a code works once,
which sponsors demand a second step, and how somebody who lost theirs comes in again.
"""
