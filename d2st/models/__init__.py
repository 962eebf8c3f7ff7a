"""Models: a host with its weights and adapters, ready to encode clips."""
