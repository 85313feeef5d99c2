"""What a training job is. Pure: no I/O, no framework, no clock."""
