"""Every statement that moves a job from one state to another.

A batch may be sent twice. The job's own row is the guard: within a batch, whatever is driven by it (attempts, steps,
lanes) comes before the UPDATE that changes it, so a second sending finds the row changed and does nothing.
"""
