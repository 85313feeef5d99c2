"""Model families: what a preset's name builds. Naming them loads no torch; building a module does."""
