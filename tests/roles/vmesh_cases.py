"""Values for the role vmesh: those that are hard to write into a unit, and those that it has to refuse."""

BASE = {"vmesh_bundle": "/opt/vmesh/test", "vmesh_table": "s3://bucket/table.csv", "vmesh_target": "y"}
HARD = {
    "plain": {},
    "node": {
        "vmesh_columns": "a,b",
        "vmesh_hostname": "vcloud-7",
        "vmesh_workers": 3,
        "vmesh_bind": "172.31.0.5",
        "vmesh_advertise": "172.31.0.5",
        "vmesh_seeds": ["172.31.0.6:7100", "[::1]:7100"],
        "vmesh_checkpoint_dir": "/mnt/nvme/checkpoints",
        "vmesh_checkpoint_copy": "s3://bucket/clusters/vcloud/checkpoints",
        "vmesh_environment": {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://172.31.255.254:5000"},
        "vmesh_agent": {"format": 1, "index": 7, "name": "vcloud-7", "public": None, "city": "Zürich"},
        "vmesh_settings": {"network": {"port": 7200}, "vgp": {"population_size": 2000}},
    },
    "quoting": {
        "vmesh_table": "s3://bucket/100% $HOME ${SEEDS} \"a\" 'b' \\n.csv",
        "vmesh_target": "x \\ $y %n \"z\" 'w'",
        "vmesh_columns": "temperature °C,50%,a b",
        "vmesh_drop": ["-name", "price in $", "läßt 'sich'"],
        "vmesh_environment": {"WORDS": 'two words, 100% $HOME "quoted" \\ back'},
        "vmesh_settings": {"worker": {"data_from": 's3://a b,"c"\\€😀'}},
    },
    "memory": {"vmesh_memory_max": "infinity", "vmesh_stop_time": 600, "vmesh_checkpoint_dir": "/var/lib/vmesh/checkpoints"},
}
REFUSED = {
    "a_text_for_a_number": ({"vmesh_workers": "many"}, "vmesh_workers"),
    "a_list_for_a_mapping": ({"vmesh_settings": ["exchange"]}, "vmesh_settings"),
    "an_unknown_state": ({"vmesh_state": "paused"}, "vmesh_state"),
    "no_bundle": ({"vmesh_bundle": ""}, "name the installed bundle"),
    "a_bundle_elsewhere": ({"vmesh_bundle": "/home/me/bundle"}, "no folder below /opt/vmesh"),
    "no_table": ({"vmesh_table": ""}, "vmesh_table ''"),
    "a_table_at_home": ({"vmesh_table": "/home/me/table.csv"}, "outside /home, /root and /tmp"),
    "no_target": ({"vmesh_target": ""}, "name the column to explain"),
    "no_workers": ({"vmesh_workers": 0}, "a whole number above 0"),
    "a_name_with_a_blank": ({"vmesh_hostname": "my node"}, "cannot be a name in the mesh"),
    "memory_in_words": ({"vmesh_memory_max": "most"}, "write 85% or 12G"),
    "no_time": ({"vmesh_stop_time": 0}, "seconds from 1 to 600"),
    "checkpoints_in_tmp": ({"vmesh_checkpoint_dir": "/tmp/checkpoints"}, "outside /home, /root and /tmp"),
    "checkpoints_with_a_blank": ({"vmesh_checkpoint_dir": "/mnt/my disk"}, "without blanks"),
    "keys_at_home": ({"vmesh_keys": "/root/keys"}, "outside /home, /root and /tmp"),
    "a_seed_without_port": ({"vmesh_seeds": ["172.31.0.6"]}, "HOST:PORT"),
    "a_setting_without_section": ({"vmesh_settings": {"interval": 2}}, "a section with settings by name"),
    "a_setting_said_twice": ({"vmesh_settings": {"launcher": {"workers": 3}}}, "sets workers"),
    "a_variable_with_a_blank": ({"vmesh_environment": {"A B": "c"}}, "names are letters, digits and '_'"),
}
