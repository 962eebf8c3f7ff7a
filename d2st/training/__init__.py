"""Training and testing the adapters by recipes."""
