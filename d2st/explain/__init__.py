"""What a model did with a clip, and what its answer hangs on."""
