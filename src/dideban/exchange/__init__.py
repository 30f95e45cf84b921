"""Exports: XLSX, CSV, GEXF, GraphML."""

from dideban.exchange.graph import write_gexf, write_graphml
from dideban.exchange.table import write_csv
from dideban.exchange.workbook import write_xlsx

__all__ = ["write_csv", "write_gexf", "write_graphml", "write_xlsx"]
