"""The forms that an exported model is offered in: made, measured side by side, and one of them chosen to serve."""
