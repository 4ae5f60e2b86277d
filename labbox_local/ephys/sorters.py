"""Spike sorters: what there is, what each may be told, whether it can run, and running it."""

from __future__ import annotations

from labbox_local.ephys.sorter_catalog import DEFAULT_SORTER, SorterInfo, catalog
from labbox_local.ephys.sorter_checks import check
from labbox_local.ephys.sorter_fields import fields
from labbox_local.ephys.sorter_run import run

__all__ = ["DEFAULT_SORTER", "SorterInfo", "catalog", "check", "fields", "run"]
