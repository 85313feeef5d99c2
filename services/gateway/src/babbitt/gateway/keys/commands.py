"""`python -m babbitt.gateway keys …`: keys without a gateway that runs, the first one above all."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import cast

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from babbitt.chassis.database import make_engine, make_sessions, transaction
from babbitt.chassis.errors import Unavailable
from babbitt.chassis.settings import SettingsError
from babbitt.contracts.errors import field_problems
from babbitt.gateway.keys.queries import add_key, all_keys, revoke_key
from babbitt.gateway.keys.schemas import SCOPES, NewKey
from babbitt.gateway.keys.tokens import new_token
from babbitt.gateway.settings import GatewaySettings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m babbitt.gateway keys", description="Make, list and revoke API keys."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and print it, alone, on standard output")
    create.add_argument("--name", required=True, help="whose it is")
    create.add_argument("--scopes", required=True, help=f"comma-separated, of {', '.join(SCOPES)}; or all")
    create.add_argument("--expires-days", type=float, help="days until it expires; else never")
    commands.add_parser("list", help="list keys: id, name, scopes, state")
    revoke = commands.add_parser("revoke", help="end a key")
    revoke.add_argument("id")
    return parser


def keys_command(words: Sequence[str]) -> None:
    """Run a subcommand; what it says goes to standard output, or the process ends with a line of what is wrong."""
    arguments = _parser().parse_args(words)
    try:
        sys.stdout.write(asyncio.run(_run(GatewaySettings.read(), arguments)))
    except (SettingsError, Unavailable) as error:
        sys.exit(f"keys {arguments.command}: {error}")
    except ValidationError as error:
        wrong = field_problems(error)[0]
        sys.exit(f"keys create: {wrong.pointer[1:]}: {wrong.detail}")


async def _run(settings: GatewaySettings, arguments: argparse.Namespace) -> str:
    engine = make_engine(settings, pool_size=1)
    try:
        async with transaction(make_sessions(engine)) as session:
            match cast("str", arguments.command):
                case "create":
                    return await _create(session, arguments)
                case "list":
                    return await _list(session)
                case _:
                    return await _revoke(session, arguments.id)
    finally:
        await engine.dispose()


async def _create(session: AsyncSession, arguments: argparse.Namespace) -> str:
    wanted = NewKey.model_validate(
        {
            "name": arguments.name,
            "scopes": SCOPES if arguments.scopes == "all" else arguments.scopes.split(","),
            "expires_days": arguments.expires_days,
        }
    )
    token = new_token()
    await add_key(session, token, wanted)
    return f"{token.reveal()}\n"


async def _list(session: AsyncSession) -> str:
    lines = ["id\tname\tscopes\tcreated\texpires\trevoked\n"]
    for row in await all_keys(session):
        moments = (
            f"{moment:%Y-%m-%d}" if moment else "-" for moment in (row.created_at, row.expires_at, row.revoked_at)
        )
        lines.append("\t".join((row.id, row.name, ",".join(row.scopes), *moments)) + "\n")
    return "".join(lines)


async def _revoke(session: AsyncSession, key_id: str) -> str:
    if not await revoke_key(session, key_id):
        sys.exit(f"keys revoke: there is no key {key_id}")
    return f"{key_id} ends\n"
