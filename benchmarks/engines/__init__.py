"""All engines on the same simulated data in one run: speed, memory and whether fits can be read.

OMP_NUM_THREADS=1 PYTHONPATH=src .venv/bin/python -m benchmarks.engines
"""
