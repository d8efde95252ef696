"""Operate: run Airflow and the sample sites on this machine, speak to Airflow's API, report."""
