"""Technologies: PostgreSQL, the object store, the child process."""
