"""Where work comes in: messages, and the workers that look for jobs."""
