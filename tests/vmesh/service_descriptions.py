"""boto3 reads the descriptions of its services - a megabyte of JSON for EC2 - once for each session, and the project makes one for
each connection. Tests make hundreds: here a process reads each description once."""

import functools

import botocore.session


def read_once():
    """From now on all sessions of this process have one loader, which keeps what it has read."""
    if not hasattr(botocore.session.create_loader, "cache_info"):
        botocore.session.create_loader = functools.cache(botocore.session.create_loader)
