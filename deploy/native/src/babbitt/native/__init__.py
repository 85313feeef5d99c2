"""Runs Babbitt without containers: real Kafka, real PostgreSQL, the services as processes.

`stack.Stack` is the whole of it; `kafka.Kafka` and `postgres.Postgres` stand alone too. `python -m babbitt.native` is
the command behind `make up`, and `testing` the pytest plugin that lends brokers and databases to the tests.
"""
