"""Bulk: months and years of captures, read by many processes on one machine or many.

    plan      what there is to read, cut into shards: captures of the lake, or whole WARC files
    read      each shard alone, by ``clean`` and ``extract`` as they are, in a process that may die of a page
    collect   rows go to the partitions they belong to, pass the gates and are published
    account   one outcome for every capture

Below ``bulk/<run>/`` of the lake lie ``shards/<shard>/`` (a manifest last: its presence means done),
``collected/`` and ``outcomes/``. Which engine runs it (:mod:`marsad.bulk.engines`) changes no byte.
"""
