"""The workspace on disk: the only room that opens SQLite or writes under the workspace folder."""
