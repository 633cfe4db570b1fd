"""What turns machines of a cloud into a mesh.

    archive.py    tar files whose bytes depend on nothing but their content, and their strict reader
    source.py     the source bundle: the files that git knows, as they stand
    bundle.py     the deploy bundle: its manifest, its names in the bucket, its check
    publishing.py both into their buckets, and what is there already
"""
