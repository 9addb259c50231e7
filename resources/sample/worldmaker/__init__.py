"""The parts of make_world.py: who lives in Pellamere, how it is told, and what must hold."""
