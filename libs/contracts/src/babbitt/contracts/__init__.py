"""What Babbitt's services say to each other: events, topics, data specifications. No I/O."""
