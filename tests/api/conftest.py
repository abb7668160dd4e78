from tests.cadres.conftest import codes, neighbour, signed_in, someone, worker

__all__ = ["codes", "neighbour", "signed_in", "someone", "worker"]
