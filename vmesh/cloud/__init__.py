"""vmesh on machines of a cloud: what runs on a node, and what the playbooks' modules call.

On a node, in the order of its life:

    bootstrap.py        user-data: one file, standard library only. Metadata, S3, the bundle: fetched, checked, installed
    configuring.py      from the installed bundle: keys, seeds, the values of the role `vmesh`, which it runs
    agent.py            beside vmesh.service: record, spot notice, max_hours, the last journal and histories; its loop
    metadata.py         what the instance says about itself, its index and addresses
    host.py             systemctl, journalctl, power-off, the launcher's status file
    seeds.py            which other nodes' workers are joined through

On the way to it:

    source.py           the source bundle: the files that git knows, as they stand
    bundle.py           the deploy bundle: its manifest, its check; tools/bundle builds it
    archive.py          the tar files that both are: bytes that depend on nothing but content
    publishing.py       both into their buckets, and what is there already

On the admin machine, of a cluster that runs:

    waiting.py          watches a launch until all workers evolve  node_records.py    records of nodes, read with few calls
    overview.py cost.py status.py      what there is, what it costs, as a table
    living.py           nodes that run and how to get to them      ssh_config.py      for ssh and all that uses it
    collecting.py       results brought home: mesh_front.py asks the mesh, from_bucket.py and from_nodes.py fetch
    entering.py         the command that opens the console; doors.py: how the mesh is entered
    page_way.py         the tunnel to the page, and its address

Formats, read and written at both ends:

    record.py           what a node tells about itself in S3      places.py           buckets and keys
    cluster_values.py   cluster.json: the values of a cluster     agent_settings.py   agent.json: what the agent is told

    user-data -> unit vmesh-bootstrap -> bootstrap.py boot -> configuring.py -> role vmesh -> vmesh.service, vmesh-agent.service

Nothing else of vmesh imports this package, but for vmesh/cli.
"""
