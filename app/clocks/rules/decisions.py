"""Whether a patient's choice of a provider may be final. What determinations need is said by app/status/rules.py."""


def choice_stands(*, owned_by_hospital: bool, disclosed: bool, only_in_network: bool, network_date: bool) -> bool:
    """Whether a patient's choice of a provider may be final: ownership disclosed, a network list dated. 482.43(c)."""
    return (disclosed or not owned_by_hospital) and (network_date or not only_in_network)
