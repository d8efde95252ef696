"""A whole day through the real Airflow."""
