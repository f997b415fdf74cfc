"""The dashboard: a web page, its API and the metrics, over the ledger of one workspace.

`unsorry top` shows the same figures in a terminal, by `figures`, `reading` and `watching`, which
need no web server.
"""
