"""The console: pages in Airflow's UI that show the news day, its partitions, sources and stories.

Free of Airflow: who may see and do what is asked of an :class:`~marsad.console.access.Access`, which the plugin
`plugins/marsad_console.py` answers with Airflow's own authentication. Pages read the lake and write nothing; an
action goes through Airflow's API with the token of the person who asked for it.
"""
