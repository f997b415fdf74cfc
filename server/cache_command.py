"""`unsorry cache`: take proofs to another machine or CI run, or from there."""

from pathlib import Path

import click

from search.cache_file import export_cache, import_cache
from server.ledger_option import ledger_options, opened, path_of


@click.group()
def cache() -> None:
    """Take proofs to another machine, or from there.

    A file whose name ends in .gz is compressed.
    """


@cache.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@ledger_options
def export(file: Path, folder: Path, ledger: Path | None) -> None:
    """Write every known proof to FILE."""
    with opened(path_of(folder, ledger)) as database:
        count = export_cache(database, file)
    click.echo(f"Wrote {count} {'proof' if count == 1 else 'proofs'} to {file}.")


@cache.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@ledger_options
def import_(file: Path, folder: Path, ledger: Path | None) -> None:
    """Add the proofs of FILE; each is used only after Lean has checked it here."""
    with opened(path_of(folder, ledger), create=True) as database:
        count = import_cache(database, file)
    click.echo(
        f"Added {count} {'proof' if count == 1 else 'proofs'}; Lean checks each before it is used."
    )
