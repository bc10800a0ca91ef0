"""`daybook serve`, `daybook worker` and `daybook mllp`: the program for real use, whole or in parts."""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli import EnvironmentFault
from app.cli.house import connected, open_database, settings_of_environment
from app.cli.supervisor import Child, Supervisor
from app.platform.metrics.meters import shared_folder
from app.platform.postgres import Addresses
from app.settings import Settings

BACKLOG = 2048
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
MLLP_PORT = click.option("--mllp-port", default=2575, show_default=True, type=click.IntRange(0, 65535),
                         help="Port of the HL7 listener; 0 for none.")  # fmt: skip


FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def encryption(command: Callable[..., None]) -> Callable[..., None]:
    """The options that encrypt the HL7 listener."""
    for name, line in (
        ("--mllp-client-authority", "Certificate that must have signed the certificate of every sender."),
        ("--mllp-key", "Key of the certificate (PEM)."),
        ("--mllp-certificate", "Certificate of the HL7 listener (PEM): messages are then encrypted."),
    ):
        command = click.option(name, type=FILE, help=line)(command)
    return command


@dataclass(frozen=True, slots=True)
class Encryption:
    """Files of an encrypted HL7 listener; without a certificate it is not encrypted."""

    mllp_certificate: Path | None = None
    mllp_key: Path | None = None
    mllp_client_authority: Path | None = None

    def transport(self) -> Any:
        """What the listener needs. Files that do not go together are refused before anything starts."""
        from app.interop.mllp import Transport

        if self.mllp_certificate is None and self.mllp_key is None and self.mllp_client_authority is None:
            return None
        if self.mllp_certificate is None or self.mllp_key is None:
            raise click.UsageError("Encryption needs both --mllp-certificate and --mllp-key.")
        transport = Transport(self.mllp_certificate, self.mllp_key, self.mllp_client_authority)
        try:
            transport.context()
        except ssl.SSLError as error:
            raise EnvironmentFault(
                "The certificate and the key of the HL7 listener cannot be used together."
            ) from error
        return transport


@dataclass(frozen=True, slots=True)
class Service:
    """What is served where. `mllp_port` 0 leaves the HL7 listener out."""

    host: str = "127.0.0.1"
    port: int = 8000
    mllp_port: int = 2575
    workers: int = 1
    jobs: bool = True
    encryption: Encryption = Encryption()


@click.command("serve")
@HOST
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the web pages.")
@MLLP_PORT
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve pages.")
@click.option("--no-jobs", is_flag=True, help="Leave background work to `daybook worker` elsewhere.")
@encryption
def serve_command(host: str, port: int, mllp_port: int, workers: int, no_jobs: bool, **files: Path | None) -> None:
    """Serve web pages, take HL7 messages and do the background work.

    One process for each part; a part that dies is started again. Several installations may run on several machines
    against one external database. SIGTERM and SIGINT stop everything cleanly, an embedded database last. Web pages
    alone: --no-jobs --mllp-port 0.
    """
    service = Service(host, port, mllp_port, workers, not no_jobs, Encryption(**files))
    service.encryption.transport()
    settings = settings_of_environment()
    supervisor = Supervisor()
    with listening(service) as sockets, shared_folder(settings.home), open_database(settings) as addresses:
        code = code_for_first_run(settings, addresses)
        seal_what_lies_open(settings, addresses)
        supervisor.catch_signals()
        serve_parts(supervisor, settings, addresses, service, sockets)
        click.echo(f"Daybook is served on http://{host}:{port}", err=True)
        if mllp_port:
            click.echo(f"HL7 messages are taken on {host}:{mllp_port} (MLLP)", err=True)
        if code:
            click.echo(f"Nobody can sign in yet. Open http://{host}:{port}/set-up and enter the code {code}", err=True)
        supervisor.run()


@click.command("worker")
def worker_command() -> None:
    """Do the background work alone: apply messages, seal the audit trail, run jobs. Several may run at once."""
    from app.cli import parts

    settings = settings_of_environment()
    with open_database(settings) as addresses:
        parts.worker(parts.Part(settings, addresses))


@click.command("mllp")
@HOST
@click.option("--port", default=2575, show_default=True, type=click.IntRange(1, 65535), help="Shared port of feeds.")
@encryption
def mllp_command(host: str, port: int, **files: Path | None) -> None:
    """Take HL7 messages alone: each is stored before it is acknowledged, and applied by a worker."""
    from app.cli import parts
    from app.interop.mllp import Listening

    transport = Encryption(**files).transport()
    settings = settings_of_environment()
    must_be_free(host, port)
    with open_database(settings) as addresses:
        parts.mllp(parts.Part(settings, addresses), Listening(host=host, port=port, transport=transport))


def serve_parts(
    supervisor: Supervisor, settings: Settings, addresses: Addresses, service: Service, sockets: list[socket.socket]
) -> None:
    """Start the processes of an installation. The modules are loaded first, so that children share their memory."""
    from app.cli import parts
    from app.interop.mllp import Listening

    part = parts.Part(settings, addresses)
    for number in range(1, service.workers + 1):
        supervisor.start(Child(f"web {number}", parts.web, (part, sockets)))
    if service.jobs:
        supervisor.start(Child("worker", parts.worker, (part,)))
    if service.mllp_port:
        transport = service.encryption.transport()
        listen = Listening(host=service.host, port=service.mllp_port, transport=transport)
        supervisor.start(Child("mllp", parts.mllp, (part, listen)))


@contextlib.contextmanager
def listening(service: Service) -> Iterator[list[socket.socket]]:
    """The listening socket of the web pages, shared by all its processes. A port that is taken is a fault to name."""
    if service.mllp_port:
        must_be_free(service.host, service.mllp_port)
    with _bound(service.host, service.port) as listener:
        listener.listen(BACKLOG)
        yield [listener]


def must_be_free(host: str, port: int) -> None:
    """Raise EnvironmentFault when the port is taken."""
    _bound(host, port).close()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise EnvironmentFault(f"Port {port} of {host} cannot be used: {error.strerror}. Choose another.") from error
    return listener


def seal_what_lies_open(settings: Settings, addresses: Addresses) -> None:
    """Seal seeds of one-time codes that were kept before there was a key. Its connections end at once.

    A machine without the keys serves all the same: `daybook doctor` and whoever gives a code are told.
    """
    from app.accounts.factors.seeds import seal_what_lies_open as seal_seeds
    from app.security import sealed
    from app.security.keyring import NoKey

    sealed.use(settings.secret_keys)
    with connected(addresses, size=2):
        try:
            seal_seeds()
        except NoKey as refused:
            click.echo(f"Secrets stay unsealed: {refused.sentence}", err=True)


def code_for_first_run(settings: Settings, addresses: Addresses) -> str:
    """The code that opens the set-up page while nobody can sign in yet, else "". Its connections end at once."""
    from app.accounts.first_run import first_run_code

    with connected(addresses, size=1):
        return first_run_code(settings.home)
