"""`unsorry lsp`: the language server, as an editor starts it."""

import logging

import click

ADDRESS = "HOST:PORT"


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the default).")
@click.option("--tcp", metavar=ADDRESS, help="Listen there instead, for one client.")
@click.option("--ws", metavar=ADDRESS, help="The same for a client that speaks WebSocket.")
@click.option("--log-json", is_flag=True, help="Write the log on stderr as JSON.")
@click.option("--verbose", is_flag=True, help="Log more than what went wrong.")
def lsp(stdio: bool, tcp: str | None, ws: str | None, log_json: bool, verbose: bool) -> int:
    """Serve an editor: proofs for the sorrys of its Lean files as diagnostics and code actions.

    Editors start this by themselves; docs/editors.md says how. It ends with its client.
    """
    # Imported here: pygls costs more than the rest of a command.
    from server import lsp_transport
    from server.logs import set_up_logging

    if sum(map(bool, (stdio, tcp, ws))) > 1:
        raise click.UsageError("Choose one of --stdio, --tcp and --ws.")
    set_up_logging(log_json, verbose=verbose or log_json)
    # It logs a traceback for everything a client says wrong; the server has a line for each.
    logging.getLogger("pygls").setLevel(logging.INFO if verbose else logging.CRITICAL)
    if tcp:
        return lsp_transport.serve_tcp(*_address(tcp))
    if ws:
        return lsp_transport.serve_websocket(*_address(ws))
    return lsp_transport.serve_stdio()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"{text} is no {ADDRESS}, such as 127.0.0.1:7777.")
    return host or "127.0.0.1", int(port)
