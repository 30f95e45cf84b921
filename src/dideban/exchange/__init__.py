"""Exports: XLSX, CSV, GEXF, GraphML."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.exchange.graph import write_gexf, write_graphml, write_pairs_gexf
    from dideban.exchange.table import write_csv
    from dideban.exchange.workbook import write_xlsx

__all__ = ["write_csv", "write_gexf", "write_graphml", "write_pairs_gexf", "write_xlsx"]

__getattr__ = lazy_names(
    __name__,
    {
        "write_csv": "table",
        "write_gexf": "graph",
        "write_pairs_gexf": "graph",
        "write_graphml": "graph",
        "write_xlsx": "workbook",
    },
)
