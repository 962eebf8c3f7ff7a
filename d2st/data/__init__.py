"""Clips on disk: folders of actions, the paper's data sets, and the episodes drawn from them."""
