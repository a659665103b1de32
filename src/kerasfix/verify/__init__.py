"""Proves fixes: the models of a program are built by real Keras as they were and as they are, and compared."""
