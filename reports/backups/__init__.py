"""A whole site in one file: taking it, reading it back, putting a site in its place, keeping some.

A backup is a ZIP that any tool opens (`container`): a file of JSON lines a table (`tables`), the kept files
in one TAR, the newest checkpoints of all chains, and a manifest that counts and hashes all of it.
The end of the file seals everything before it with the ledger's key. With a passphrase the same ZIP lies
inside a stream that nobody can read, change or cut (`encryption`).
"""
