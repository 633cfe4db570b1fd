"""The local cloud: EC2, S3, IAM and real systemd hosts on one Linux machine, for playbooks and tests without an account.

    cli, commands   what is typed                          daemon        one process: API, metadata service, realiser
    state           one cloud's folder, names and locks    api, faults   moto's server, with injected faults and a log of calls
    machine         is everything there, are we root       catalogue     the images that EC2 offers
    apt, image      the base images, built once            realiser      makes moto's instances real hosts
    network         a bridge in a namespace of its own     metadata      IMDSv2: what a host is told about itself
    cgroups, host   one systemd-nspawn host                control       the daemon's socket for the administrator
    seed/           what our images have besides packages  wheels        Python packages for a development server

Plain hosts (`host up`) need no daemon. Only root can run any of it. Nothing here is part of the product or ever runs on AWS.
"""
