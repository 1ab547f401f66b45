"""Training of Parlance's small language model and of its n-gram second voice."""
