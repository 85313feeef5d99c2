"""Alembic's entry; the chassis does the rest."""

from babbitt.chassis.migrations import run_migrations

run_migrations()
