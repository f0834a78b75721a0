"""The store on SQLite: one file, one process, one writer thread. `client.open_store` opens it."""
