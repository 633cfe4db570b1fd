"""Programs that developers and playbooks run; no part of the installed package."""
