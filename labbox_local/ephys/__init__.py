"""The science: SpikeInterface and numba in, arrays and tables out; knows no database, job or web."""
