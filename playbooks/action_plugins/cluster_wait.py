"""Waits until every worker of every node evolves, and tells how far it is. The work: vmesh/cloud/waiting.py.

    - name: Wait until all workers evolve
      cluster_wait:
        cluster: "{{ cluster_name }}"
        bucket: vcloud-123456789012-data   # the data bucket
        region: eu-central-1
        nodes: "{{ launched.nodes }}"      # of cluster_nodes: [{index, instance, name, ...}]
        timeout: "{{ cluster_launch_timeout }}"
        ssh_config: "{{ cluster_ssh_config }}"   # named in the advice
        provider: "{{ provider }}"               # so that the advice's commands can be typed as they stand

Returns `nodes`: as given, each with its `record`; `seconds`. Fails with one sentence for each node that is not well.
"""
