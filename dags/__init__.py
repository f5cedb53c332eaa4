"""Airflow: one factory over the steps of `include`."""
