"""What ``--json`` prints, as frozen documents: the contract with programs, whatever the code behind it becomes."""
