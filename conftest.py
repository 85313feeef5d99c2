"""Fixtures for all tests: real Kafka, real PostgreSQL, whole installations."""

pytest_plugins = ["babbitt.native.testing"]
