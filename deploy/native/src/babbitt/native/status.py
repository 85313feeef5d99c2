"""Tells what runs and where."""

from rich.console import Console
from rich.table import Table

from babbitt.native.stack import Stack


def print_places(stack: Stack) -> None:
    """Print the addresses and files a user wants next."""
    places = {
        "Gateway": stack.gateway_url,
        "Documentation": f"{stack.gateway_url}/docs",
        "Kafka": stack.kafka.bootstrap_servers,
        "PostgreSQL": f"127.0.0.1:{stack.postgres.port}",
        "Logs": str(stack.folder / "logs"),
        "Admin key": str(stack.admin_key_file),
    }
    console = Console(soft_wrap=True, highlight=False)
    for name, place in places.items():
        console.print(f"{name:<15}{place}", markup=False)


def print_status(stack: Stack) -> bool:
    """Print a table of the processes; return whether all run and are ready."""
    rows = [
        ("postgres", stack.postgres.process.pid, stack.postgres.port, stack.postgres.alive and stack.postgres.serves()),
        ("kafka", stack.kafka.process.pid, stack.kafka.port, stack.kafka.alive and stack.kafka.serves()),
        *((one.process.name, one.pid, one.port, one.alive and one.ready()) for one in stack.services),
    ]
    table = Table("process", "pid", "state", "port", "ready")
    for name, pid, port, ready in rows:
        state = "running" if pid else "stopped"
        table.add_row(name, str(pid or "-"), state, str(port), "yes" if ready else "no")
    Console().print(table)
    return all(ready for *_, ready in rows)
