"""What differs per protocol of the field, and nothing else."""
