"""What the platform keeps: one store behind small ports, so that a command is handed only what it needs.

Every method raises `integrations.errors` only: `Unavailable` when the disk is full or the database cannot be written
(with what to do), `Conflict` when somebody else was first. Times are aware UTC datetimes. A write has been committed
when its method returns, whether or not the caller is cancelled meanwhile.

Each part is a module; import from `integrations.store`, which shows them all.
"""
