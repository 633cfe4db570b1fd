"""Between an Ansible module and the code that does its work: parameters in, facts out, our errors as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vgp.errors import VgpError

Work = Callable[[Mapping[str, Any], bool], dict[str, Any]]


def answer(module: Any, work: Work) -> None:
    """Ends the AnsibleModule with what `work(parameters, check_mode)` returns, or with the sentence of its VgpError.

    An error may bring an attribute `facts`: what Ansible gets beside the sentence.
    """
    try:
        facts = work(module.params, module.check_mode)
    except VgpError as error:
        module.fail_json(msg=str(error), **getattr(error, "facts", {}))
    else:
        for warning in facts.pop("warnings", ()):
            module.warn(warning)
        module.exit_json(**facts)
