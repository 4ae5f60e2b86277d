"""One function for each thing a person can ask for. Pages, the command line and the Python API all call these."""
