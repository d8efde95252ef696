"""Marsad: Arabic news sites in, a clean and checked dataset out.

The package knows nothing of Airflow: the DAGs, the command line and the tests
all call the same functions in :mod:`marsad.pipeline`.
"""

__version__ = "0.1.0"
