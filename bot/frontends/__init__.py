"""Where people reach the platform from; front ends do not know each other."""
