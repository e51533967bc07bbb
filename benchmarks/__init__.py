"""Time and memory against peers, and calibration: run by hand, results in reports/benchmarks/."""
