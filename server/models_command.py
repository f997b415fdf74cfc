"""`unsorry models`: which models there are, where they lie, fetching published ones."""

from pathlib import Path

import click

from lean.workspace import Workspace
from search.generation.model_download import convert as convert_model
from search.generation.model_download import fetch as fetch_model
from search.generation.model_folder import kind_of
from search.generation.model_store import Listed, ModelStore, no_model

_MB = 1_000_000

_workspace = click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, exists=True),
    default=Path(),
    metavar="PATH",
    help="A place in the workspace (default: here).",
)


@click.group()
def models() -> None:
    """List and fetch the models that propose tactics.

    A model is named by its short name, by owner/model on huggingface.co, or by the path of its
    folder. `trained` is the one that `unsorry train` makes for a workspace.
    """


@models.command("list")
@_workspace
def list_(folder: Path) -> None:
    """Show the models that are known, and which of them are here."""
    rows = [("name", "here", "from", "for")]
    rows += [
        (model.name, _here(model), model.source, model.purpose)
        for model in ModelStore(Workspace.find(folder).root).listed()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        fields = [f"{field:{width}}" for field, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*fields, row[3]]).rstrip())


@models.command()
@click.argument("name")
@_workspace
def path(name: str, folder: Path) -> None:
    """Print the folder of the model NAME."""
    here = ModelStore(Workspace.find(folder).root).folder(name)
    if not kind_of(here):
        raise no_model(name)
    click.echo(here)


@models.command()
@click.argument("name")
@click.option("--again", is_flag=True, help="Fetch it even if it is here, in its place.")
@_workspace
def fetch(name: str, again: bool, folder: Path) -> None:
    """Fetch the model NAME from huggingface.co, unless it is here.

    It serves all workspaces. With HF_HUB_OFFLINE=1 nothing is asked of the network.
    """
    here = fetch_model(ModelStore(Workspace.find(folder).root), name, again)
    click.echo(f"The model {name} is in {here}.")


@models.command()
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
def convert(checkpoint: Path, output: Path) -> None:
    """Make a model in the folder OUTPUT of the PyTorch CHECKPOINT of a ByT5.

    It needs the extra `learn`; using the model does not.
    """
    convert_model(checkpoint, output)
    click.echo(f"The model is in {output}.")


def _here(model: Listed) -> str:
    return "no" if model.folder is None else f"{model.bytes / _MB:.1f} MB"
