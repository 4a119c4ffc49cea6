"""Time and signals: the loop, the watcher of files, the status page."""
