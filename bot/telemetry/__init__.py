"""What operators see of the process: logs, metrics, health. Nothing here decides anything."""
